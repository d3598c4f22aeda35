import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptUrls } from "../../src/cli/database-urls.ts";
import { startEmbedded } from "../../src/db/embedded.ts";
import { initRoles } from "../../src/db/init-roles.ts";
import { until } from "../helpers/installation.ts";

/** A migrated database on an embedded server of its own, whose postmaster can be killed. */
export async function ownServer(settings: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "federation-own-server-"));
  const server = await startEmbedded({ directory: join(directory, "data"), settings });
  const adminUrl = new URL(server.url);
  adminUrl.pathname = "/federation";
  const urls = keptUrls.parse(await initRoles({ adminUrl: server.url }));
  return {
    ...urls,
    adminUrl: adminUrl.href,
    logFile: join(directory, "data.log"),
    /** SIGKILL to the postmaster; resolves when another one serves. */
    async kill() {
      const { pid } = server;
      if (pid === undefined) throw new Error("the server does not run");
      process.kill(pid, "SIGKILL");
      await until("the server runs again", () =>
        Promise.resolve(server.pid !== undefined && server.pid !== pid),
      );
    },
    async close() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
