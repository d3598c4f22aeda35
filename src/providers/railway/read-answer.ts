// Railway answers errors with HTTP 200 and one code for all of them: only the words tell which it is.
import { z } from "zod";
import type { Secret } from "../../crypto/secret.ts";
import { failed } from "./failed.ts";
import { isMutation, type OperationName } from "./operations.ts";
import type { RailwayErrorKind } from "./railway-error.ts";
import { readRateHeaders } from "./rate-headers.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

export interface Asked<T> {
  operation: OperationName;
  reply: z.ZodType<T>;
  token: Secret<string>;
  /** Then Railway's own words are not told: it may repeat what it was sent. */
  holdsSecrets: boolean;
}

/** The reply, or that Railway wants less: of everything that the token asks, or of what this operation creates. */
export type Reading<T> = { data: T } | TooMuch;

export interface TooMuch {
  tooMuch: "calls" | "creations";
  seconds: number | undefined;
}

/** Throws a RailwayError for everything else. */
export function readAnswer<T>(answer: Answer, asked: Asked<T>): Reading<T> {
  const { operation } = asked;
  const { status, headers } = answer;
  if (status === 429) {
    const { retryAfterSeconds, resetSeconds } = readRateHeaders(headers);
    return { tooMuch: "calls", seconds: retryAfterSeconds ?? resetSeconds };
  }
  if (status === 401 || status === 403) throw failed("unauthorized", operation);
  if (status >= 300 && status < 400) throw failed("refused", operation, { text: elsewhere });
  // Its edge says 404 of a service that is down, too.
  if (status === 404) throw failed("unavailable", operation, { cause: "HTTP 404" });
  if (status === 408 || status >= 500) throw lost(operation, `HTTP ${status}`);
  const body = bodySchema.safeParse(jsonOf(answer.text));
  if (!body.success) throw status === 200 ? lost(operation, "no GraphQL") : refusedBy(answer, asked, []);
  const errors = body.data.errors ?? [];
  if (status !== 200) throw refusedBy(answer, asked, errors);
  if (errors.length > 0) return readErrors(errors, asked);
  return { data: replyOf(body.data.data?.[operation], asked) };
}

const elsewhere = "Railway's API has moved: RAILWAY_ENDPOINT answers with another address.";
const outdated =
  "Railway does not know the operation as it was sent: its API has changed, or this is a mistake of Federation's";
const secondFactor =
  "Railway wants two-factor authentication for this workspace: whoever owns the token has to switch it on there.";

const errorSchema = z.object({
  message: z.string().catch(""),
  traceId: z.string().optional().catch(undefined),
  extensions: z.object({ traceId: z.string().optional() }).optional().catch(undefined),
});
type GraphqlError = z.infer<typeof errorSchema>;

const bodySchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(errorSchema).nullish(),
});

/** Whether it was carried out is unknown, which matters only for what changes something. */
const lost = (operation: OperationName, cause: string) =>
  failed(isMutation(operation) ? "ambiguous" : "unavailable", operation, { cause });

function refusedBy({ status }: Answer, asked: Asked<unknown>, errors: GraphqlError[]) {
  const cause = `HTTP ${status} ${quote(errors, asked)}`;
  return failed("refused", asked.operation, { cause, ...(status === 400 && { text: outdated }) });
}

function readErrors(errors: GraphqlError[], asked: Asked<unknown>): Reading<never> {
  const { operation } = asked;
  const said = wordsOf(errors).toLowerCase();
  const rule = rules.find(({ words }) => words.test(said));
  const cause = quote(errors, asked);
  if (rule?.kind === "too_much") return { tooMuch: "creations", seconds: undefined };
  if (rule?.kind === "second_factor") throw failed("refused", operation, { text: secondFactor, cause });
  if (rule?.kind === "lost") throw lost(operation, cause);
  if (rule?.kind === "not_authorized")
    throw failed(ofToken.has(operation) ? "unauthorized" : "unseen", operation, { cause });
  throw failed(rule?.kind ?? "refused", operation, { cause });
}

/** They name nothing that could be missing: what they do not show is the token's. */
const ofToken = new Set<OperationName>(["apiToken", "projectToken", "projects", "projectCreate"]);

type Meaning = RailwayErrorKind | "too_much" | "second_factor" | "not_authorized" | "lost";

/** The first that fits the words, in lower case. */
const rules: { words: RegExp; kind: Meaning }[] = [
  { words: /too quickly|can be created per user every|rate limit/, kind: "too_much" },
  { words: /cannot redeploy yet|operation is already in progress/, kind: "not_ready" },
  { words: /two factor authentication required/, kind: "second_factor" },
  { words: /project token not found|invalid token|unauthenticated/, kind: "unauthorized" },
  { words: /already exists/, kind: "exists" },
  // Said of what is missing, of what another's token may not see, and of what was made a moment ago.
  { words: /not authorized/, kind: "not_authorized" },
  { words: /not found|problem processing request/, kind: "unseen" },
  { words: /internal (server )?error|unexpected error|timed? ?out|temporarily|try again/, kind: "lost" },
];

function replyOf<T>(value: unknown, { operation, reply }: Asked<T>): T {
  const parsed = reply.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw lost(operation, at === "" ? "an unexpected reply" : `unexpected ${at}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const quoteCharactersMax = 300;

const wordsOf = (errors: GraphqlError[]) => errors.map(({ message }) => message).join("; ");

/** What Railway's support can find it by, at least. */
function quote(errors: GraphqlError[], { token, holdsSecrets }: Asked<unknown>): string {
  const traces = errors.map(({ traceId, extensions }) => traceId ?? extensions?.traceId ?? "unknown");
  const words = holdsSecrets ? "" : wordsOf(errors).replaceAll(token.reveal(), "[secret]");
  return `${words.slice(0, quoteCharactersMax)} [trace ${traces.join(", ").slice(0, quoteCharactersMax)}]`.trimStart();
}
