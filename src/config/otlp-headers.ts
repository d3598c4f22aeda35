import { z } from "zod";
import { Secret } from "../crypto/secret.ts";

/**
 * `name=value`, comma-separated, values percent-encoded; kept as a secret, since most hold a token.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export const otlpHeaders = z.string().transform((text, check) => {
  try {
    return new Secret(
      Object.fromEntries(
        text
          .split(",")
          .filter((pair) => pair.trim() !== "")
          .map(headerOf),
      ),
    );
  } catch {
    check.addIssue({ code: "custom", message: "has to be name=value, comma-separated" });
    return z.NEVER;
  }
});

function headerOf(pair: string): [string, string] {
  const [, name = "", value = ""] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
  const decoded = decodeURIComponent(value);
  if (name === "" || !/^[\x20-\x7e]*$/.test(decoded)) throw new Error("no header");
  return [name, decoded];
}
