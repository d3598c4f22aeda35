export interface FieldError {
  path: string;
  message: string;
}

interface ProblemOptions {
  errors?: FieldError[];
  /** Private: logged, never shown. */
  cause?: unknown;
}

/** The one error that leaves the agent, as RFC 9457 `application/problem+json`: a stable code and public words. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[] | undefined;

  constructor(status: number, code: string, message: string, options: ProblemOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.errors = options.errors;
  }

  toJSON() {
    const { status, code, message, errors } = this;
    return { type: "about:blank", title: code.replaceAll("_", " "), status, code, detail: message, errors };
  }
}

export const notFound = (detail: string) => new Problem(404, "not_found", detail);

/** Whatever was thrown, as a problem: what is not one already becomes `internal` without its words. */
export function problemOf(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem(500, "internal", "Something failed here.", { cause: error });
}
