import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { environmentKeyProvider } from "../crypto/kek.ts";
import { createVault } from "../crypto/vault.ts";
import { openPools } from "../db/pools.ts";
import { agentVariables } from "../departments/agent-variables.ts";
import { FederationError } from "../errors.ts";
import { agentCommand } from "../providers/hosts/local/agent-command.ts";
import { postgresAgentStore } from "../providers/hosts/local/store.ts";
import { createSupervisor, type Supervisor } from "../providers/hosts/local/supervisor.ts";

export type LocalSupervisor = Supervisor;

/** The supervisor of this machine's agents over the database of `config`, with pools of its own. */
export async function createLocalSupervisor(
  config: Readonly<Config>,
  log: Logger,
  command = agentCommand(),
): Promise<LocalSupervisor> {
  const { databaseUrl, kek, environment, dataDirectory } = config;
  if (!databaseUrl || !kek)
    throw new FederationError("bad_configuration", "DATABASE_URL and FEDERATION_KEK are needed.");
  const url = databaseUrl.reveal();
  const pools = openPools({ appUrl: url, gatewayUrl: url, applicationName: "federation agents", appMax: 4 });
  const provider = environmentKeyProvider({ current: kek, previous: config.kekPrevious });
  const vault = await createVault({ sql: pools.app, provider, environment });
  const { open } = agentVariables(vault);
  // Agents of this machine reach the platform where it is now, whatever it was when they were configured.
  const openVariables = async (departmentId: string, sealed: string) => ({
    ...(await open(departmentId, sealed)),
    FEDERATION_URL: config.publicUrl,
  });
  const store = postgresAgentStore({ sql: pools.app, listenSql: pools.app, openVariables });
  const supervisor = createSupervisor({ store, command, dataDirectory, log });
  return {
    start: () => supervisor.start(),
    async close() {
      await supervisor.close();
      await pools.close();
    },
  };
}
