import { createServer } from "node:net";
import { FederationError } from "../errors.ts";

/** The wanted port when it is free (0 = any). Throws `port_taken` otherwise. */
export function choosePort(wanted: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => {
      reject(new FederationError("port_taken", `Port ${wanted} is taken; choose another one with PORT.`));
    });
    server.listen(wanted, host, () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}
