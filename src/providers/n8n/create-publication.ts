import { z } from "zod";
import type { N8nRequest } from "./create-request.ts";
import { N8nError } from "./n8n-error.ts";
import { objectPath } from "./object-path.ts";

const routes = {
  current: { publish: "publish", unpublish: "unpublish" },
  older: { publish: "activate", unpublish: "deactivate" },
} as const;

/**
 * Publishes and unpublishes, with the routes that this n8n has: one that lacks /publish answers 405, or 404 as it also
 * does for an unknown workflow; then /activate decides. What was found out is kept.
 */
export function createPublication(request: N8nRequest) {
  let known: keyof typeof routes | undefined;
  return async (action: "publish" | "unpublish", id: string, signal: AbortSignal): Promise<void> => {
    const path = objectPath("workflows", id);
    const post = async (age: keyof typeof routes) => {
      const url = `${path}/${routes[age][action]}`;
      const call = { method: "POST", path: url, body: {}, conflict: "path_conflict", signal } as const;
      await request(call, z.object({ id: z.literal(id) }));
      known = age;
    };
    try {
      await post(known ?? "current");
    } catch (error) {
      if (known !== undefined || !isMissing(error)) throw error;
      await post("older");
    }
  };
}

const isMissing = (error: unknown) =>
  error instanceof N8nError && (error.kind === "not_found" || error.answerStatus === 405);
