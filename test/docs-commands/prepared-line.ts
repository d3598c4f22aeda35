import type { DocsWorld } from "./world.ts";

export interface Before {
  /** Text of the line, and what stands for it. */
  replace?: Record<string, string>;
  /** Variables that the page tells its reader to set. */
  set?: Record<string, string>;
}

/** What a line of the docs needs before it can be run. */
export interface PreparedLine {
  page: string;
  /** How the line begins. */
  line: string;
  /** `printed` is what the line before it printed. */
  before?: (world: DocsWorld, printed: string) => Promise<Before>;
  /** The exit code that the page announces, where it is not 0. */
  exitCode?: number;
}
