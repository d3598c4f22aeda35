import { FederationError } from "../../../errors.ts";

export type EngineErrorKind =
  | "unreachable"
  | "timeout"
  | "unavailable"
  | "malformed"
  | "conflict"
  | "out_of_sequence"
  | "in_use"
  | "not_found"
  | "refused";

const texts: Record<EngineErrorKind, { message: string; status: number; retryable: boolean }> = {
  unreachable: { message: "The Docker engine could not be reached.", status: 503, retryable: true },
  timeout: { message: "The Docker engine took too long to answer.", status: 503, retryable: true },
  unavailable: { message: "The Docker engine could not do it now.", status: 503, retryable: true },
  malformed: { message: "The Docker engine's answer could not be read.", status: 502, retryable: true },
  conflict: { message: "The name is taken at the Docker engine.", status: 409, retryable: true },
  out_of_sequence: { message: "The service was changed meanwhile.", status: 409, retryable: true },
  in_use: { message: "It is still in use at the Docker engine.", status: 409, retryable: true },
  not_found: { message: "The Docker engine knows no such object.", status: 404, retryable: false },
  refused: { message: "The Docker engine refused the request.", status: 502, retryable: false },
};

const detailCharsMax = 500;

/** A call to the engine that failed; what the engine said is private. */
export class EngineError extends FederationError {
  override name = "EngineError";

  constructor(
    readonly kind: EngineErrorKind,
    detail: string,
  ) {
    const { message, status, retryable } = texts[kind];
    super(`docker_${kind}`, message, { status, retryable, cause: detail.slice(0, detailCharsMax) });
  }
}

/** What an answer outside 2xx means. Swarm's own errors come as 500 or 400 and are told by their words. */
export function errorOfAnswer(status: number, detail: string): EngineError {
  return new EngineError(kindOf(status, detail), `${status} ${detail}`);
}

function kindOf(status: number, detail: string): EngineErrorKind {
  if (/update out of sequence/.test(detail)) return "out_of_sequence";
  if (/ is in use by /.test(detail)) return "in_use";
  if (status === 409 || /name conflicts with|already exists|already attached/.test(detail)) return "conflict";
  if (status === 404 || /not found$|is not connected to/.test(detail)) return "not_found";
  return status >= 500 || status === 429 ? "unavailable" : "refused";
}

/** Settles with undefined where the call failed for one of these reasons. */
export async function unless<T>(kinds: readonly EngineErrorKind[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EngineError && kinds.includes(error.kind)) return undefined;
    throw error;
  }
}
