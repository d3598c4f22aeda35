import { FederationError } from "../../errors.ts";

/**
 * `exists` a credential id is taken, `path_conflict` another workflow has one of the webhook paths (an update was saved
 * all the same, and the version before it is still live; in 2.8 neither is), `still_published` n8n cannot delete it yet, `unavailable` no
 * answer of n8n, `malformed` an answer that cannot be n8n's.
 */
export type N8nErrorKind =
  | "unauthorized"
  | "not_found"
  | "exists"
  | "path_conflict"
  | "still_published"
  | "invalid"
  | "rate_limited"
  | "unavailable"
  | "malformed";

const meanings: Record<N8nErrorKind, { status: number; retryable: boolean; text: string }> = {
  unauthorized: {
    status: 502,
    retryable: false,
    text: "n8n refuses the API key: check N8N_API_KEY and its scopes.",
  },
  not_found: {
    status: 502,
    retryable: false,
    text: "n8n has no such object, or the API key may not see it.",
  },
  exists: { status: 409, retryable: false, text: "n8n already has a credential with this id." },
  // n8n also says so of a path that was freed a moment ago.
  path_conflict: {
    status: 409,
    retryable: true,
    text: "Another workflow in n8n has one of the webhook paths: unpublish that one.",
  },
  still_published: {
    status: 409,
    retryable: true,
    text: "n8n is still unpublishing the workflow; try again.",
  },
  invalid: { status: 502, retryable: false, text: "n8n does not accept the request." },
  rate_limited: { status: 503, retryable: true, text: "n8n is asked too often; try again later." },
  unavailable: {
    status: 503,
    retryable: true,
    text: "n8n does not answer: check that it runs at N8N_BASE_URL.",
  },
  malformed: {
    status: 502,
    retryable: false,
    text: "The answer is not one of n8n's API: check N8N_BASE_URL and n8n's version.",
  },
};

export interface N8nErrorOptions {
  /** n8n's own words or what went wrong on the way: short, without secrets. */
  detail?: string;
  /** HTTP status that n8n answered. */
  answerStatus?: number;
  retryAfterSeconds?: number | undefined;
}

/** A failed call to n8n. */
export class N8nError extends FederationError {
  override name = "N8nError";
  readonly detail: string;
  readonly answerStatus: number | undefined;

  constructor(
    readonly kind: N8nErrorKind,
    options: N8nErrorOptions = {},
  ) {
    const { detail = "", answerStatus, retryAfterSeconds } = options;
    const { status, retryable, text } = meanings[kind];
    super(`n8n_${kind}`, detail === "" ? text : `${text} (${detail})`, {
      status,
      retryable,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
    this.detail = detail;
    this.answerStatus = answerStatus;
  }
}
