/** bun limits-federation.ts <setup as JSON>: asks for its callers' hits, all at once, whenever it is told to. */
import { z } from "zod";
import { openPools } from "../../src/db/pools.ts";
import { takeHits } from "../../src/limits/take-hits.ts";

const setup = z
  .object({
    databaseUrl: z.string(),
    limits: z.string(),
    limit: z.number(),
    windowMs: z.number(),
    callers: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));
const urls = { appUrl: setup.databaseUrl, gatewayUrl: setup.databaseUrl };
const { app } = openPools({ ...urls, applicationName: "bench", appMax: 10 });
const seconds = setup.windowMs / 1000;
await app`
  insert into federation.rate_policy (kind, hits, window_seconds)
  values ('department', 1000000, ${seconds}), ('pair', ${setup.limit}, ${seconds}) on conflict do nothing`;
const pair = { kind: "pair", key: "a:b" } as const;
const wanted = setup.limits === "one limit" ? [pair] : [{ kind: "department", key: "a" } as const, pair];

process.on("message", () => {
  const calls = Array.from({ length: setup.callers }, () => takeHits(app, wanted));
  void Promise.all(calls).then((all) => {
    process.send?.(all.filter(({ refused }) => refused === null).length);
  });
});
process.send?.("ready");
