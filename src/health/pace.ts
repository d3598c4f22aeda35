import type { Config } from "../config.ts";

/** Seconds between the looks at a department, and of the ladder that heals it. */
export interface HealthPace {
  everySeconds: number;
  /** Between looks once one failed. */
  recheckSeconds: number;
  /** So many failures in a row make a department degraded. */
  failuresMax: number;
  /** What an agent that says it starts is given before that counts as a failure. */
  startingSeconds: number;
  /** From a step of the ladder to the look that judges it. */
  healSeconds: number;
  /** Between looks once all was tried. */
  givenUpSeconds: number;
  /** A worker that holds a department longer than this counts as lost. */
  leaseSeconds: number;
}

/** What the configuration says of it, and what it leaves open. */
export const healthPace = ({
  healthEverySeconds,
  healthRecheckSeconds,
}: Pick<Config, "healthEverySeconds" | "healthRecheckSeconds">): HealthPace => ({
  everySeconds: healthEverySeconds,
  recheckSeconds: healthRecheckSeconds,
  failuresMax: 3,
  startingSeconds: 120,
  healSeconds: 15,
  givenUpSeconds: 30,
  leaseSeconds: 30,
});
