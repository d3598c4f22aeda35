export interface FinishWatch {
  /** Resolves when the run is finished in the database. */
  finished(id: string): Promise<void>;
  /** The run's last step has just ended in this process: look soon. */
  hint(): void;
  close(): Promise<void>;
}

/**
 * For engines that tell a submitter only by slow polling: one query for all pending runs, right after a hint, then every
 * few milliseconds. The same for every contender that needs it, so that no engine pays for another one's client.
 */
export function watchFinished(
  inFlight: number,
  finishedOf: (ids: string[]) => Promise<string[]>,
): FinishWatch {
  const everyMs = Math.min(10, Math.max(1, inFlight / 4));
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let wake = Promise.withResolvers<void>();
  let hinted = 0;
  let closed = false;

  const loop = async () => {
    while (!closed) {
      if (hinted <= 0 || waiting.size === 0) await Promise.race([wake.promise, Bun.sleep(50)]);
      if (waiting.size === 0) continue;
      for (const id of await finishedOf([...waiting.keys()])) {
        hinted -= 1;
        waiting.get(id)?.resolve();
        waiting.delete(id);
      }
      await Bun.sleep(everyMs);
    }
  };
  const looping = loop();
  return {
    finished(id) {
      const slot = Promise.withResolvers<void>();
      waiting.set(id, slot);
      return slot.promise;
    },
    hint() {
      hinted += 1;
      wake.resolve();
      wake = Promise.withResolvers<void>();
    },
    async close() {
      closed = true;
      wake.resolve();
      await looping;
    },
  };
}
