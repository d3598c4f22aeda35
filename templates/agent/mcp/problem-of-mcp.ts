import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { Problem } from "../problem.ts";

const statusOf = (error: unknown) => (error instanceof StreamableHTTPError ? error.code : undefined);

/** The server knows nothing of our session, as after its restart: what was asked has not run (MCP 2025-11-25, 404). */
export const isUnknownSession = (error: unknown) =>
  statusOf(error) === 404 ||
  (statusOf(error) === 400 && error instanceof Error && /session|not initialized/i.test(error.message));

/** Whatever the MCP client threw, in words that may be shown. */
export function problemOfMcp(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof McpError) return problemOfAnswer(cause);
  const status = statusOf(cause);
  if (status === 401 || status === 403) {
    return new Problem(502, "mcp_refused", "The workflows refuse this agent's token.", { cause });
  }
  if (status !== undefined && status > 0) {
    return new Problem(503, "mcp_unavailable", `The workflows answered ${status}.`, { cause });
  }
  return new Problem(503, "mcp_unreachable", "The workflows do not answer.", { cause });
}

function problemOfAnswer(cause: McpError): Problem {
  switch (cause.code) {
    case Number(ErrorCode.RequestTimeout):
      return new Problem(504, "mcp_timeout", "No answer in time; whether the workflow ran is not known.", {
        cause,
      });
    case Number(ErrorCode.ConnectionClosed):
      return new Problem(503, "mcp_unreachable", "The workflows do not answer.", { cause });
    case Number(ErrorCode.InvalidParams):
      return new Problem(422, "invalid_arguments", "The workflow does not take these arguments.", { cause });
    default:
      return new Problem(502, "mcp_failed", `The workflows answered with error ${cause.code}.`, { cause });
  }
}
