/** When a run began its first step, on performance.now() of its process. */
export interface RunTimes {
  firstStepAtMs: number;
}

/**
 * One engine under test in `engine`. It lives in a process of its own with a fresh database and is submitter and worker
 * at once. The runs must be durable: a finished run, and every finished step, is committed.
 */
export interface EngineContender {
  name: string;
  version: string;
  /** What was tuned, for the reader of the results. */
  settings: Record<string, string | number | boolean>;
  /** Makes its tables in the database and starts its worker, tuned for so many runs at the same time. */
  setup(databaseUrl: string, inFlight: number): Promise<void>;
  /** Submits one run of ten no-op steps, one after the other; resolves when the run is finished in the database. */
  linear(): Promise<RunTimes>;
  /** The same for: one no-op step, then five steps of 50 ms at the same time, then one no-op step. */
  parallel(): Promise<RunTimes>;
  close(): Promise<void>;
}

/** One engine under test in `takeover`. Its worker is a script that is killed; this side only submits and looks. */
export interface TakeoverContender {
  name: string;
  version: string;
  settings: Record<string, string | number | boolean>;
  /**
   * Run as `bun <script> <databaseUrl> <worker name>`; calls `createEffects` once and its `effect(run, step)` as the body
   * of each of the ten steps `step-1` … `step-10`; prints "ready" when it takes runs; ends with its process only.
   */
  workerScript: string;
  repetitions: number;
  /** Repetitions that run at the same time, each in a database of its own. */
  atOnce: number;
  /** Once per database, before the workers start. */
  setup(databaseUrl: string): Promise<void>;
  /** Submits one run of ten steps; `run` is what its steps give to `effect`. */
  submit(databaseUrl: string, run: string): Promise<void>;
  /** Names of the steps that the engine has recorded as done. */
  doneSteps(databaseUrl: string, run: string): Promise<string[]>;
}

export const linearSteps = 10;
export const parallelSteps = 5;
export const parallelStepMs = 50;
