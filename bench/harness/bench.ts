/** What main.ts gives every benchmark. */
export interface BenchContext {
  /** Starts the benchmark's Postgres at the first call; main.ts ends it. */
  server(): Promise<BenchServer>;
  /** Measured rounds after the one that only warms up. */
  rounds: number;
  /** Only these contenders; empty = all. */
  only: readonly string[];
  /** How many departments and how long, where a benchmark lets that be chosen. */
  departments: number | undefined;
  seconds: number | undefined;
  log(line: string): void;
}

/** A Postgres server of the benchmark's own, with fsync on. */
export interface BenchServer {
  adminUrl: string;
  version: string;
  settings: Record<string, string>;
  /** A fresh, empty database; returns its URL. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
}

export type Cell = string | number | null;

export interface BenchResult {
  /** What was done, in words and numbers: everything needed to judge the figures. */
  setup: Record<string, unknown>;
  tables: BenchTable[];
  /** Whatever is worth keeping beyond the tables: every single round, settings, ratios. */
  figures: unknown;
}

export interface BenchTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

export interface Bench {
  run(context: BenchContext): Promise<BenchResult>;
}
