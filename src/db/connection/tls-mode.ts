export interface TlsMode {
  /** When the server has no TLS: go on without. */
  optional: boolean;
  /** The certificate has to be valid and name the host. */
  verified: boolean;
  /** TLS from the first byte, without asking (Postgres 17). */
  direct: boolean;
}

const unverified = new Set(["require", "allow", "prefer"]);

/** The TLS that a URL asks for, as the driver reads it: `sslmode`, `ssl`, `sslrootcert=system`, `sslnegotiation`. */
export function tlsMode(url: string): TlsMode | undefined {
  const given = Object.fromEntries(new URL(url).searchParams);
  const asked = given["sslmode"] || given["ssl"];
  const mode = given["sslrootcert"] === "system" ? "verify-full" : asked;
  if (!mode || mode === "disable" || mode === "false") return undefined;
  return {
    optional: mode === "prefer",
    verified: !unverified.has(mode),
    direct: given["sslnegotiation"] === "direct",
  };
}
