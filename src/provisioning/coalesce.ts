/** A function that runs one at a time; calls that come while it runs make it run once more. */
export interface Coalesced {
  call(): void;
  /** Takes no more calls and resolves when the running one is over. */
  close(): Promise<void>;
}

export function coalesce(work: () => Promise<void>): Coalesced {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const run = async () => {
    try {
      do {
        again = false;
        await work();
      } while (again && !closed);
    } finally {
      running = undefined;
    }
  };
  return {
    call() {
      again = true;
      if (!closed) running ??= run();
    },
    async close() {
      closed = true;
      await running;
    },
  };
}
