/** How fast Railway may be called, and how long it takes: all in seconds. Public limits: docs.railway.com, API. */
export interface RailwayPace {
  callsPerHour: number;
  callsPerSecond: number;
  /** Length of the windows that the two limits are counted in. */
  hourSeconds: number;
  secondSeconds: number;
  /** One project per so long and workspace, one environment per so long and token. */
  createEverySeconds: number;
  /** So long what was made may be missing in lists, and by its id. */
  lagSeconds: number;
  /** Between two looks at a deployment. */
  pollSeconds: number;
  /** A deployment that takes longer has failed. */
  deploySecondsMax: number;
  /** One call's answer. Railway's own CLI waits as long. */
  timeoutSeconds: number;
  /** Waits up to here are waited out in place; longer ones give the worker free. */
  waitInPlaceSeconds: number;
  /** The same for the calls of a second, which come back fast: a step that gave up would make its calls anew. */
  waitForSecondSeconds: number;
}

export const railwayPace: RailwayPace = {
  callsPerHour: 10_000,
  callsPerSecond: 50,
  hourSeconds: 3600,
  secondSeconds: 1,
  createEverySeconds: 30,
  lagSeconds: 20,
  pollSeconds: 10,
  deploySecondsMax: 900,
  timeoutSeconds: 90,
  waitInPlaceSeconds: 2,
  waitForSecondSeconds: 10,
};
