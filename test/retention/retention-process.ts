// What the daily job does for one department, two rows at a time: `bun retention-process.ts <id of the department>`.
import { loadConfig } from "../../src/config.ts";
import { createWorkerDeps, systemContext } from "../../src/deps.ts";
import { createLog } from "../../src/log.ts";
import { applyRetention } from "../../src/retention/apply-retention.ts";

const [department = ""] = process.argv.slice(2);
const config = loadConfig();
const deps = await createWorkerDeps(config, createLog(config, "worker"));
await applyRetention(systemContext(deps, "apply-retention"), department, { dryRun: false, batchRows: 2 });
await deps.close();
