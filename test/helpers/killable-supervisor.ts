// The supervisor of the local agents as a process of its own, so that a test can kill it.
import { loadConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { closeOnSignal } from "../../src/shutdown.ts";
import { createLocalSupervisor } from "../../src/up/local-supervisor.ts";
import { noteFired } from "./killable-points.ts";

const [directory = ""] = process.argv.slice(2);
const config = loadConfig();
const log = createLog(config, "supervisor");
const supervisor = await createLocalSupervisor(config, log);
supervisor.start();
noteFired(directory, `ready.${process.pid}`);
closeOnSignal(log, [() => supervisor.close()]);
