import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FederationError } from "../../../errors.ts";

export interface Endpoint {
  origin: string;
  /** What Bun's fetch needs beside the URL. */
  connection: Pick<BunFetchRequestInit, "unix" | "tls" | "proxy">;
}

/**
 * Where the engine listens. `certPath` holds ca.pem, cert.pem and key.pem, as Docker's own tools want it. Throws
 * `bad_configuration` for TCP without certificates beyond loopback: whoever reaches that port is root on the machine.
 */
export function endpointOf(host: string, certPath?: string): Endpoint {
  if (host.startsWith("unix://")) {
    return { origin: "http://docker", connection: { unix: host.slice("unix://".length) } };
  }
  const url = URL.parse(host.replace(/^tcp:/, "http:"));
  if (!host.startsWith("tcp://") || !url) throw badHost("has to be unix:///path or tcp://host:port");
  if (certPath !== undefined) {
    return {
      origin: `https://${url.hostname}:${url.port || "2376"}`,
      // A proxy of the environment is meant for the internet.
      connection: { proxy: false, tls: { ...certificates(certPath), rejectUnauthorized: true } },
    };
  }
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname))
    throw badHost("needs DOCKER_CERT_PATH beyond loopback");
  return { origin: `http://${url.hostname}:${url.port || "2375"}`, connection: { proxy: false } };
}

function certificates(directory: string) {
  const read = (file: string) => {
    try {
      return readFileSync(join(directory, file), "utf8");
    } catch (cause) {
      throw new FederationError("bad_configuration", `DOCKER_CERT_PATH has no readable ${file}.`, { cause });
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

const badHost = (what: string) => new FederationError("bad_configuration", `DOCKER_HOST ${what}.`);
