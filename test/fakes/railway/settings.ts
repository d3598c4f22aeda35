export interface FakeRailwayOptions {
  /** Railway seconds that pass in one real second: all times below are Railway's. */
  scale?: number;
  workspaces?: readonly { id?: string; name: string }[];
  plan?: Partial<Plan>;
  /** From a creation until it can be read. */
  lagSeconds?: readonly [min: number, max: number];
  /** From a deploy until it has succeeded. */
  deploySeconds?: readonly [min: number, max: number];
  faults?: Partial<FaultRates>;
  seed?: number;
  /** Whether a server on loopback stands behind every service. */
  serveAgents?: boolean;
  /** Whether deleted projects stay in the default listing, as one observer saw. */
  listsDeleted?: boolean;
}

export interface Plan {
  name: "FREE" | "HOBBY" | "PRO";
  /** Requests of one token; the hour is a fixed window. */
  perHour: number;
  perSecond: number;
}

/** Parts of all requests, 0 to 1. What is drawn was carried out in half of the cases. */
export interface FaultRates {
  /** Answered by the edge with a 504. */
  rate504: number;
  /** Not answered: the connection ends. */
  rateDropped: number;
}

/** Read at every use: a test may change them while the fake runs, but for the scale and the seed. */
export interface Settings extends Required<Omit<FakeRailwayOptions, "workspaces" | "plan" | "faults">> {
  plan: Plan;
  faults: FaultRates;
}

export const settingsOf = ({ plan, faults, ...options }: FakeRailwayOptions): Settings => ({
  scale: options.scale ?? 1,
  plan: { name: "PRO", perHour: 10_000, perSecond: 50, ...plan },
  lagSeconds: options.lagSeconds ?? [1, 4],
  deploySeconds: options.deploySeconds ?? [120, 240],
  faults: { rate504: 0, rateDropped: 0, ...faults },
  seed: options.seed ?? 1,
  serveAgents: options.serveAgents ?? false,
  listsDeleted: options.listsDeleted ?? false,
});
