import { unavailable } from "../errors.ts";

/** At most so many questions of one department at once in this process; the others keep connections for theirs. */
const inFlightMax = 8;
/** A short queue in front: a burst waits its turn, a flood is told to come back. */
const waitingMax = 100;

interface Lane {
  running: number;
  waiting: (() => void)[];
}

export interface InFlight {
  /** Runs `fn` when the department's turn has come. Throws 503 `busy` when too many wait already. */
  run<T>(departmentId: string, fn: () => Promise<T>): Promise<T>;
}

export function createInFlight(): InFlight {
  const lanes = new Map<string, Lane>();
  return {
    async run(departmentId, fn) {
      const lane = lanes.get(departmentId) ?? { running: 0, waiting: [] };
      lanes.set(departmentId, lane);
      if (lane.running >= inFlightMax) {
        if (lane.waiting.length >= waitingMax)
          throw unavailable("busy", "Too many questions of this department at once.");
        await new Promise<void>((resolve) => lane.waiting.push(resolve));
      } else lane.running += 1;
      try {
        return await fn();
      } finally {
        const next = lane.waiting.shift();
        if (next) next();
        else if (--lane.running === 0) lanes.delete(departmentId);
      }
    },
  };
}
