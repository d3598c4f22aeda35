// The supervisor of the local agents as a process of its own, so that a test can kill it. Its agents end at once while
// there is a file `agent.broken` beside the points.
import { agentCommand } from "../../src/providers/hosts/local/agent-command.ts";
import { loadConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { closeOnSignal } from "../../src/shutdown.ts";
import { createLocalSupervisor } from "../../src/up/local-supervisor.ts";
import { noteFired } from "./killable-points.ts";

const [directory = ""] = process.argv.slice(2);
const config = loadConfig();
const log = createLog(config, "supervisor");
const { argv, directory: agentDirectory } = agentCommand();
const entry = new URL("./breakable-agent.ts", import.meta.url).pathname;
const breakable = { argv: [...argv.slice(0, -1), entry, directory], directory: agentDirectory };
const supervisor = await createLocalSupervisor(config, log, breakable);
supervisor.start();
noteFired(directory, `ready.${process.pid}`);
closeOnSignal(log, [() => supervisor.close()]);
