import type { Secret } from "../../crypto/secret.ts";
import type { Ask } from "./create-request.ts";
import { failed } from "./failed.ts";
import type { RailwayCall, RailwayWorkspace } from "./railway.ts";
import { RailwayError } from "./railway-error.ts";
import { createRecentAnswers } from "./recent-answers.ts";
import { tokenReply } from "./replies.ts";

export interface Tokens {
  /** The one that reaches the call's workspace. */
  of(call: RailwayCall): Promise<Secret<string>>;
  /** Of all tokens, those wanted, or all; throws where a token does not answer, so that the list is never short. */
  workspaces(wanted: readonly string[], call: RailwayCall): Promise<RailwayWorkspace[]>;
  /**
   * Throws unless the call's token is accepted, now, and reaches its workspace: Railway says the same words of what is
   * gone as to a token that has been revoked.
   */
  confirm(call: RailwayCall): Promise<void>;
}

const rememberSeconds = 600;

/**
 * What each token reaches, asked when it is needed first, by one for all, and remembered for ten minutes; anew where a
 * workspace was missing.
 */
export function createTokens(tokens: readonly Secret<string>[], ask: Ask): Tokens {
  const known = createRecentAnswers<Secret<string>, RailwayWorkspace[]>(rememberSeconds);
  const askNow = (token: Secret<string>, call: RailwayCall) =>
    ask(token, { operation: "apiToken", reply: tokenReply, call });

  const reachOf = (token: Secret<string>, call: RailwayCall) =>
    known.recent(token, (signal) => askNow(token, { ...call, signal }), call.signal);

  async function chosen(call: RailwayCall): Promise<Secret<string>> {
    const [first] = tokens;
    if (!first) throw failed("unauthorized", "apiToken", { text: "RAILWAY_API_TOKEN is not set." });
    if (tokens.length === 1 || call.workspaceId === undefined) return first;
    const { workspaceId } = call;
    const asked = tokens.map(async (token) => {
      if (!reaches(await reachOf(token, call), workspaceId)) throw unreached(workspaceId);
      return token;
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      known.forget();
      throw tellingOf(error);
    }
  }

  return {
    of: chosen,
    async workspaces(wanted, call) {
      const reached = (await Promise.all(tokens.map((token) => reachOf(token, call)))).flat();
      const missing = wanted.find((id) => !reaches(reached, id));
      if (reached.length > 0 && missing === undefined) {
        const byId = new Map(reached.map((workspace) => [workspace.id, workspace]));
        return [...byId.values()].filter(({ id }) => wanted.length === 0 || wanted.includes(id));
      }
      known.forget();
      throw missing === undefined ? failed("refused", "apiToken", { text: empty }) : unreached(missing);
    },
    async confirm(call) {
      const reached = await askNow(await chosen(call), call);
      if (call.workspaceId !== undefined && !reaches(reached, call.workspaceId))
        throw unreached(call.workspaceId);
    },
  };
}

const reaches = (workspaces: readonly RailwayWorkspace[], id: string) =>
  workspaces.some((workspace) => workspace.id === id);

/** Of the failures of all tokens, one of a token that could not be asked: it may be the one that reaches it. */
function tellingOf(error: unknown): Error {
  const failures = error instanceof AggregateError ? error.errors.filter((one) => one instanceof Error) : [];
  const unasked = failures.find((one) => !(one instanceof RailwayError) || one.kind !== "refused");
  return unasked ?? failures[0] ?? new Error("no token", { cause: error });
}

const empty = "The tokens in RAILWAY_API_TOKEN reach no workspace.";

const unreached = (workspaceId: string) =>
  failed("refused", "apiToken", {
    text: `No token in RAILWAY_API_TOKEN reaches the workspace ${workspaceId}.`,
  });
