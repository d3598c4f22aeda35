import { OAuthError } from "./oauth-error.ts";

/** The value, unless the signal is faster: then a transient OAuthError. What the value needs goes on for others. */
export async function within<T>(signal: AbortSignal, value: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(abortedError(signal));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([value, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Whether time ran out or the caller gave up. */
export function abortedError({ reason }: AbortSignal): OAuthError {
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  return new OAuthError("transient", isTimeout ? "timeout" : "aborted");
}
