import { ApiError } from "../client/client.ts";
import { FederationError } from "../errors.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** Says on stderr what went wrong and answers the exit code. */
export function reportError(error: unknown, json: boolean): ExitCode {
  const { code, message, errors } = describe(error);
  const approval = code === "approval_required" ? errors[0]?.message : undefined;
  if (json) process.stderr.write(`${JSON.stringify({ code, message, errors })}\n`);
  else if (approval !== undefined)
    process.stderr.write(`fed: waits for approval ${approval}; then send it again (${code})\n`);
  else {
    process.stderr.write(`fed: ${message} (${code})\n`);
    for (const { path, message: detail } of errors) process.stderr.write(`  ${path}: ${detail}\n`);
  }
  return exitCodeOf(error);
}

function describe(error: unknown) {
  if (error instanceof ApiError) return { code: error.code, message: error.message, errors: error.errors };
  if (error instanceof FederationError)
    return { code: error.code, message: error.message, errors: error.errors };
  const usage =
    error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const message = error instanceof Error ? error.message : String(error);
  return { code: usage ? "usage" : "failed", message, errors: [] };
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ApiError) {
    if (error.code === "approval_required") return exitCodes.waits;
    if (error.status === 401 || error.status === 403) return exitCodes.refused;
    if (error.status === 404) return exitCodes.notFound;
    if (error.status === 0 || error.status >= 500) return exitCodes.unreachable;
    return exitCodes.invalid;
  }
  if (error instanceof FederationError && error.code === "usage") return exitCodes.usage;
  return describe(error).code === "usage" ? exitCodes.usage : exitCodes.failed;
}
