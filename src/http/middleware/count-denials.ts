/** Says which of a client's refusals go on record, so that a flood of them does not fill the trail. */
export interface Denials {
  /** How many alike there were in the last minute, this one included, when it goes on record; else undefined. */
  count(alike: string): number | undefined;
  /** What `count` wanted on record could not be recorded: the next one is the first again. */
  forget(alike: string): void;
}

const windowMs = 60_000;
const windowsMax = 10_000;

/**
 * The 1st, 10th, 100th … of a minute are recorded, as the gateway does it. Each process counts for itself. When more are
 * counted at once than fit, the oldest window is forgotten: its next refusal is recorded again, none is lost.
 */
export function createDenials(now: () => number = () => performance.now()): Denials {
  const windows = new Map<string, { startedMs: number; count: number }>();
  return {
    count(alike) {
      const known = windows.get(alike);
      const isOpen = known !== undefined && now() - known.startedMs < windowMs;
      const window = isOpen ? known : { startedMs: now(), count: 0 };
      if (!isOpen) {
        windows.delete(alike);
        const [oldest] = windows.keys();
        if (windows.size >= windowsMax && oldest !== undefined) windows.delete(oldest);
        windows.set(alike, window);
      }
      window.count += 1;
      return /^10*$/.test(String(window.count)) ? window.count : undefined;
    },
    forget: (alike) => void windows.delete(alike),
  };
}
