// Asks for access tokens as a web process does: `{ asked, credentialId, callers }` comes in, what they got goes out.
import { z } from "zod";
import { loadConfig } from "../../src/config.ts";
import { createDeps } from "../../src/deps.ts";
import { FederationError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";

const config = loadConfig();
const { accessTokens } = await createDeps(config, createLog(config, "token process"));

const request = z.object({ asked: z.number(), credentialId: z.string(), callers: z.number() });

process.on("message", (message) => {
  const { asked, credentialId, callers } = request.parse(message);
  const calls = Array.from({ length: callers }, () => accessTokens.get(credentialId));
  void Promise.allSettled(calls).then((settled) => {
    const tokens = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.token.reveal()] : []));
    const errors = settled.flatMap((one) => (one.status === "rejected" ? [codeOf(one.reason)] : []));
    process.send?.({ asked, gotten: { tokens: [...new Set(tokens)], errors } });
  });
});
process.send?.("ready");

function codeOf(error: unknown): string {
  return error instanceof FederationError ? error.code : String(error);
}
