import type { OperationName } from "./operations.ts";
import { RailwayError, type RailwayErrorKind } from "./railway-error.ts";

const texts: Record<RailwayErrorKind, string> = {
  unauthorized:
    "Railway does not accept the token. RAILWAY_API_TOKEN has to be an account token or a workspace token; a project token is neither.",
  unseen: "Railway has no such object, does not show it to this token, or not yet",
  exists: "Railway has one of that name in the project already",
  not_ready: "Railway is not through with the last change",
  ambiguous: "Railway gave no usable answer, so it may have been carried out",
  unavailable: "Railway could not be asked, and nothing was changed",
  refused: "Railway refuses it as it was asked for",
};

/** An error in our words; what Railway said, if it may be told at all, is the cause. */
export function failed(
  kind: RailwayErrorKind,
  operation: OperationName,
  { text = texts[kind], cause }: { text?: string; cause?: string | undefined } = {},
): RailwayError {
  return new RailwayError(kind, operation, text.endsWith(".") ? text : `${text} (${operation}).`, cause);
}
