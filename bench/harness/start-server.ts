import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbedded } from "../../src/db/embedded.ts";
import type { BenchServer } from "./bench.ts";

const settings = { max_connections: "300", fsync: "on", synchronous_commit: "on" };

/** Starts a Postgres in a fresh temporary directory; `stop` ends it and removes the directory. */
export async function startServer(): Promise<BenchServer & { stop(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), "federation-bench-"));
  const embedded = await startEmbedded({ directory: join(parent, "postgres"), settings });
  const admin = postgres(embedded.url, { max: 1, onnotice: () => {} });
  const rows = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
  return {
    adminUrl: embedded.url,
    version: rows[0]?.version ?? "unknown",
    settings,
    async createDatabase(name) {
      await admin.unsafe(`create database "${name}"`);
      const url = new URL(embedded.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async dropDatabase(name) {
      await admin.unsafe(`drop database if exists "${name}" with (force)`);
    },
    async stop() {
      await admin.end();
      await embedded.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
