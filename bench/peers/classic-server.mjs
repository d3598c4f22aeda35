/**
 * node classic-server.mjs <setup as JSON>: the gateway as it is usually built. Express, jsonwebtoken (HS256), a pg pool,
 * rate-limiter-flexible in Postgres, a row in an audit table. It searches with the very function that ours runs, or with
 * `oneTable` as such stacks do: the same query on one table for all departments, told apart by a column. Prints its URL.
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
if (setup.oneTable) await fillTable();
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
  const found = await pool.query(setup.oneTable ? searchTable(target, params) : searchSchema(schema, params));
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

function searchSchema(schema, params) {
  const text = `select ${schema}.search_documents($1::jsonb) as answer`;
  return { name: `search ${schema}`, text, values: [params] };
}

function searchTable(target, { query, limit = 10 }) {
  const text = `
    select jsonb_build_object('truncated', count(*) > $3, 'results', jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name,
      'folder', d.folder, 'mime_type', d.mime_type, 'bytes', d.bytes, 'modified_at', d.modified_at, 'rank', d.rank,
      'snippet', left(ts_headline('simple', left(d.text, 4000), websearch_to_tsquery('simple', $2),
        'StartSel="", StopSel="", MaxFragments=2, MinWords=8, MaxWords=30, FragmentDelimiter=" … "'), 600)) order by d.rank desc)
      ) as answer
    from (
      select *, ts_rank(search, websearch_to_tsquery('simple', $2)) as rank from classic_document
      where department_id = $1 and search @@ websearch_to_tsquery('simple', $2) order by rank desc, id limit $3 + 1
    ) d`;
  return { name: "search", text, values: [target, query, limit] };
}

async function fillTable() {
  await pool.query(`create table classic_document (department_id uuid not null, id uuid primary key, name text not null,
    folder text not null, mime_type text not null, bytes bigint not null, modified_at timestamptz, text text not null,
    search tsvector not null)`);
  const { rows } = await pool.query("select id, schema_name from federation.department");
  for (const { id, schema_name: schema } of rows) {
    await pool.query(
      `insert into classic_document select $1, id, name, folder, mime_type, bytes, modified_at, text, search from ${schema}.document`,
      [id],
    );
  }
  await pool.query("create index on classic_document using gin (search)");
  await pool.query("create index on classic_document (department_id)");
  await pool.query("vacuum analyze classic_document");
}
