export interface Ports {
  /** A port no other agent of this supervisor has: `first` if free, else the next one after it. */
  take(departmentId: string, first: number | undefined): number;
  free(port: number): void;
}

/** Below the ports that systems hand out to outgoing connections. */
const range = { first: 21_000, count: 10_000 };

/** Loopback ports by department, so that an agent comes back where it was. Others' ports show when binding fails. */
export function createPorts(): Ports {
  const taken = new Set<number>();
  return {
    take(departmentId, first) {
      if (taken.size >= range.count) throw new Error("no port is left for an agent");
      let port = within(first ?? range.first + (Bun.hash.crc32(departmentId) % range.count));
      while (taken.has(port)) port = within(port + 1);
      taken.add(port);
      return port;
    },
    free: (port) => void taken.delete(port),
  };
}

const within = (port: number) =>
  port >= range.first && port < range.first + range.count ? port : range.first;
