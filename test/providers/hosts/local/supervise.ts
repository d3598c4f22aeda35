// A supervisor in a process of its own, so that a test can kill it.
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import postgres from "postgres";
import { agentCommand } from "../../../../src/providers/hosts/local/agent-command.ts";
import { postgresAgentStore } from "../../../../src/providers/hosts/local/store.ts";
import { createSupervisor } from "../../../../src/providers/hosts/local/supervisor.ts";
import { openVariables } from "./world.ts";

const sql = postgres(process.env["DATABASE_URL"] ?? "", { max: 4, onnotice: () => {} });
createSupervisor({
  store: postgresAgentStore({ sql, listenSql: sql, openVariables }),
  command: agentCommand(),
  dataDirectory: process.env["DATA_DIR"] ?? join(tmpdir(), "supervise"),
  log: pino({ level: "silent" }),
}).start();
