/** Where a value in the request is wrong: a JSON path such as `custom_config.voice` and what is the matter. */
export interface FieldError {
  path: string;
  message: string;
}

export interface ErrorOptions {
  /** HTTP status when the error leaves through the API. */
  status?: number;
  /** True when the same call may succeed later without anybody changing anything. */
  retryable?: boolean;
  retryAfterSeconds?: number;
  errors?: FieldError[];
  /** Private: logged, never shown. */
  cause?: unknown;
}

/** The one error that leaves the system: a stable `code`, a public `message`, a private `cause`. */
export class FederationError extends Error {
  override name = "FederationError";
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly errors: FieldError[];

  constructor(
    readonly code: string,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? 500;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.errors = options.errors ?? [];
  }
}

/**
 * Nothing is wrong, it is only too early: a step that throws this waits and is tried again, without a failure being
 * counted. `inLine` where it waits for its turn at something that others want too, not for its own work to be done.
 */
export class WaitError extends FederationError {
  override name = "WaitError";

  constructor(
    code: string,
    message: string,
    readonly wait: { seconds: number; inLine: boolean },
  ) {
    super(code, message, { status: 503, retryable: true, retryAfterSeconds: Math.ceil(wait.seconds) });
  }
}

export const badRequest = (code: string, message: string, errors?: FieldError[]) =>
  new FederationError(code, message, { status: 400, ...(errors && { errors }) });
export const unauthorized = (code: string, message: string) =>
  new FederationError(code, message, { status: 401 });
export const forbidden = (code: string, message: string) =>
  new FederationError(code, message, { status: 403 });
/** Also the answer for another department's object: same code, same words, whether it exists or not. */
export const notFound = () => new FederationError("not_found", "There is no such object.", { status: 404 });
export const conflict = (code: string, message: string) =>
  new FederationError(code, message, { status: 409 });
export const unprocessable = (code: string, message: string, errors?: FieldError[]) =>
  new FederationError(code, message, { status: 422, ...(errors && { errors }) });
export const unavailable = (code: string, message: string, cause?: unknown) =>
  new FederationError(code, message, { status: 503, retryable: true, retryAfterSeconds: 2, cause });
