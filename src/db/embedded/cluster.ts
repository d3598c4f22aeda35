import type { Binaries } from "./find-binaries.ts";

/** Everything that is needed to run the server of one data directory. */
export interface Cluster {
  directory: string;
  binaries: Binaries;
  /** Goes before a Postgres command. */
  wrapper: string[];
  password: string;
  settings: Record<string, string>;
}

/** Nothing of the owner's environment, where keys live, reaches the server. */
export const serverEnvironment = { TZ: "UTC" };
