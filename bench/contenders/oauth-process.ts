// One process of the oauth benchmark: `bun oauth-process.ts <contender>`, the set-up in BENCH_OAUTH, asked over IPC.
import { z } from "zod";
import { refreshDue } from "../../src/credentials/refresh-due.ts";
import { openOAuthBase, oauthContenders, tokensOf } from "./oauth-base.ts";

const setup = z
  .object({ databaseUrl: z.string(), kek: z.string(), issuer: z.string() })
  .parse(JSON.parse(process.env["BENCH_OAUTH"] ?? "{}"));
const contender = z.enum(oauthContenders).parse(process.argv[2]);
const { means } = await openOAuthBase(setup);
const tokens = tokensOf(contender, means);
const request = z.object({
  asked: z.number(),
  credentialId: z.string().optional(),
  callers: z.number().default(0),
});

process.on("message", (message) => {
  const { asked, credentialId, callers } = request.parse(message);
  const answer = credentialId === undefined ? renewAll() : getAtOnce(credentialId, callers);
  void answer.then((result) => process.send?.({ asked, result }));
});
process.send?.("ready");

/** How long each caller waited, and how many got no token. */
async function getAtOnce(credentialId: string, callers: number) {
  const waitsMs: number[] = [];
  let failed = 0;
  const call = async () => {
    const startedMs = performance.now();
    await tokens.get(credentialId).then(
      () => waitsMs.push(performance.now() - startedMs),
      () => void (failed += 1),
    );
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { waitsMs, failed };
}

/** As the job of the worker, one run after the other instead of one a minute, until nothing is due. */
async function renewAll() {
  const isLeft = async () => {
    const [row] = await means.sql<{ left: boolean }[]>`
      select exists (select from federation.credential
        where status in ('active', 'refreshing') and access_expires_at < clock_timestamp()) as left`;
    return row?.left === true;
  };
  while (await isLeft()) {
    await refreshDue(means.sql, tokens, { lanes: 32, budgetMs: 50_000 });
    await Bun.sleep(100);
  }
  return { waitsMs: [], failed: 0 };
}
