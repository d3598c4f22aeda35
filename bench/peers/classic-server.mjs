/**
 * node classic-server.mjs <setup as JSON>: the gateway as it is usually built. Express, jsonwebtoken (HS256), a pg pool,
 * rate-limiter-flexible in Postgres, a row in an audit table; the very search function that ours runs. Prints its URL.
 */
import { randomUUID } from "node:crypto";
import express from "express";
import jwt from "jsonwebtoken";
import pg from "pg";
import { RateLimiterPostgres } from "rate-limiter-flexible";

const setup = JSON.parse(process.argv[2] ?? "");
const pool = new pg.Pool({ connectionString: setup.databaseUrl, max: setup.poolMax });
await pool.query(`create table if not exists classic_audit (
  id uuid primary key, at timestamptz not null default now(), source uuid not null, target uuid not null,
  action text not null, decision text not null, reason text, params jsonb)`);
const limiter = await new Promise((resolve, reject) => {
  const made = new RateLimiterPostgres(
    { storeClient: pool, tableName: "classic_limit", points: 1_000_000, duration: 60 },
    (error) => (error ? reject(error) : resolve(made)),
  );
});

const app = express();
app.disable("x-powered-by");
app.use(express.json({ limit: "1mb" }));
app.post("/api/v1/cross-dept/query", async (req, res) => {
  const claims = verify(req.headers.authorization);
  if (!claims) return res.status(401).json({ error: "unauthorized" });
  const { target_department_id: target, query_type: kind, query_params: params, reason } = req.body;
  const taken = await limiter.consume(`${claims.department}:${target}`).catch(() => null);
  if (!taken) return res.status(429).json({ error: "rate limited" });
  const granted = await pool.query({
    name: "grant",
    text: `select d.schema_name from federation.access_grant g join federation.department d on d.id = g.target
      where g.source = $1 and g.target = $2 and g.status = 'approved' and g.expires_at > now()
        and g.resource in ('documents', '*') and d.status = 'active'`,
    values: [claims.department, target],
  });
  const schema = granted.rows[0]?.schema_name;
  const id = randomUUID();
  await pool.query({
    name: "audit",
    text: `insert into classic_audit (id, source, target, action, decision, reason, params) values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [id, claims.department, target, kind, schema ? "allowed" : "denied", reason, params],
  });
  if (!schema) return res.status(403).json({ error: "no grant" });
  const found = await pool.query({
    name: `search ${schema}`,
    text: `select ${schema}.search_documents($1::jsonb) as answer`,
    values: [params],
  });
  const { results, truncated } = found.rows[0].answer;
  res.setHeader("x-ratelimit-remaining", String(taken.remainingPoints));
  res.json({ success: true, results, results_count: results.length, query_id: id, truncated });
});
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${address.port}`);
});

function verify(header) {
  try {
    const claims = jwt.verify((header ?? "").replace("Bearer ", ""), setup.secret, { algorithms: ["HS256"] });
    return { department: claims.department };
  } catch {
    return undefined;
  }
}
