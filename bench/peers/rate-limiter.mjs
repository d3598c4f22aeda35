/** bun rate-limiter.mjs <setup as JSON>: the same with rate-limiter-flexible's Postgres store, one limiter per limit. */
import pg from "pg";
import { RateLimiterPostgres } from "rate-limiter-flexible";

const setup = JSON.parse(process.argv[2] ?? "");
const pool = new pg.Pool({ connectionString: setup.databaseUrl, max: 10 });
const make = (tableName, points) =>
  new Promise((resolve, reject) => {
    const options = { storeClient: pool, tableName, points, duration: setup.windowMs / 1000 };
    const made = new RateLimiterPostgres(options, (error) => (error ? reject(error) : resolve(made)));
  });
const department = await make("peer_department", 1_000_000);
const pair = await make("peer_pair", setup.limit);

/** True when it was admitted. */
async function ask() {
  try {
    if (setup.limits !== "one limit") await department.consume("a");
    await pair.consume("a:b");
    return true;
  } catch (refused) {
    if (refused instanceof Error) throw refused;
    return false;
  }
}

process.on("message", () => {
  void Promise.all(Array.from({ length: setup.callers }, ask)).then((all) => {
    process.send(all.filter(Boolean).length);
  });
});
process.send("ready");
