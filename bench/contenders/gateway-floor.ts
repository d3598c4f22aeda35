/**
 * The floor: bun gateway-floor.ts <world as JSON> <load as JSON>. A bare client sends the two statements of each
 * question, sealed, down a connection of its own, and does nothing else: no HTTP, no token, no checks of words.
 */
import postgres from "postgres";
import { createSealer } from "../../src/crypto/call-seal.ts";
import { sendResult } from "../harness/run-child.ts";
import { driveLoad, type LoadOptions } from "../harness/drive-load.ts";
import { type GatewayWorld, words } from "./gateway-world.ts";

const [worldText = "", loadText = ""] = Bun.argv.slice(2);
const world: GatewayWorld = JSON.parse(worldText);
const load: LoadOptions & { poolMax: number; sources: number } = JSON.parse(loadText);
const sql = postgres(world.urls.gateway, {
  max: load.poolMax,
  connection: { search_path: "pg_catalog", plan_cache_mode: "force_generic_plan" },
});
const sealer = createSealer(Buffer.from(world.sealKey, "hex"));
const sources = world.departments.slice(0, load.sources);
const idle = await Promise.all(Array.from({ length: load.poolMax }, () => sql.reserve()));
const waiting: ((connection: postgres.ReservedSql) => void)[] = [];

let asked = 0;
const result = await driveLoad(load, async (slot) => {
  const connection =
    idle.pop() ?? (await new Promise<postgres.ReservedSql>((resolve) => waiting.push(resolve)));
  const source = sources[slot % sources.length];
  if (!source) throw new Error("no source");
  const call = {
    caller: source.id,
    client: source.clientId,
    target: source.targetId,
    kind: "search_documents",
    params: JSON.stringify({ query: words[asked++ % words.length], limit: 10 }),
    reason: "bench",
    requester: "{}",
    requestId: Bun.randomUUIDv7(),
    expiresUs: BigInt(Date.now() + 10_000) * 1000n,
  };
  const seal = sealer.sealCall(call);
  const question = connection`
    row(${call.caller}::uuid, ${call.client}::uuid, ${call.target}::text, ${call.kind}::text, ${call.params}::text,
      ${call.reason}::text, ${call.requester}::text, ${call.requestId}::uuid, ${String(call.expiresUs)}::bigint)::gateway.call`;
  const [, [row]] = await Promise.all([
    connection`select gateway.open(${question}, ${seal}::bytea) as answer`,
    connection<
      { answer: { results: object[] } | null }[]
    >`select gateway.read(${question}, ${seal}::bytea) as answer`,
  ]);
  const next = waiting.shift();
  if (next) next(connection);
  else idle.push(connection);
  if (!row?.answer?.results.length) throw new Error("a question was not answered");
});
sendResult(result);
await sql.end({ timeout: 1 });
process.exit(0);
