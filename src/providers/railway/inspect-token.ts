import { z } from "zod";
import type { Secret } from "../../crypto/secret.ts";
import { type Exchange, exchange } from "./exchange.ts";
import { failed } from "./failed.ts";
import type { RailwayWorkspace } from "./railway.ts";
import { RailwayError } from "./railway-error.ts";
import { readAnswer } from "./read-answer.ts";
import { readRateHeaders } from "./rate-headers.ts";
import { tokenReply } from "./replies.ts";

export type TokenFinding =
  | { kind: "accepted"; workspaces: RailwayWorkspace[]; callsPerHour: number | undefined }
  /** Good for one environment of one project. */
  | { kind: "project_token" }
  | { kind: "not_accepted" };

/**
 * What a token is, for who sets it up: one call or two, in no budget. Throws a RailwayError where Railway does not answer.
 * https://docs.railway.com/integrations/api (kinds of tokens)
 */
export async function inspectToken(
  by: Exchange,
  token: Secret<string>,
  signal: AbortSignal,
): Promise<TokenFinding> {
  try {
    const { data, limit } = await ask(by, { token, operation: "apiToken", reply: tokenReply, signal });
    return { kind: "accepted", workspaces: data, callsPerHour: limit };
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
  }
  try {
    await ask(by, { token, operation: "projectToken", reply: ofProject, isProjectToken: true, signal });
    return { kind: "project_token" };
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return { kind: "not_accepted" };
  }
}

interface TokenQuestion<T> {
  token: Secret<string>;
  operation: "apiToken" | "projectToken";
  reply: z.ZodType<T>;
  isProjectToken?: boolean;
  signal: AbortSignal;
}

const ofProject = z.object({ projectId: z.string() });

const isUnauthorized = (error: unknown) => error instanceof RailwayError && error.kind === "unauthorized";

async function ask<T>(by: Exchange, { reply, ...question }: TokenQuestion<T>) {
  const { token, operation } = question;
  const answer = await exchange(by, { ...question, variables: {} });
  const reading = readAnswer(answer, { operation, reply, token, holdsSecrets: false });
  if ("tooMuch" in reading) throw failed("unavailable", operation, { cause: "HTTP 429" });
  return { data: reading.data, limit: readRateHeaders(answer.headers).limit };
}
