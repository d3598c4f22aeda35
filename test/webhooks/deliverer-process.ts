// A worker that only delivers webhooks, to be killed: `bun deliverer-process.ts`, configured by the environment. Every
// name is this machine.
import { loadConfig } from "../../src/config.ts";
import { createWorkerDeps } from "../../src/deps.ts";
import { createLog } from "../../src/log.ts";
import { createAllowList } from "../../src/net/allow-list.ts";
import { createDeliverer } from "../../src/webhooks/delivery/deliverer.ts";

const config = loadConfig();
const log = createLog(config, "deliverer");
const { db, vault, signingKeys } = await createWorkerDeps(config, log);
const send = { allow: createAllowList(["127.0.0.1"]), resolve: () => Promise.resolve(["127.0.0.1"]) };
createDeliverer({ sql: db.app, vault, signingKeys, log, send, consoleUrl: config.publicUrl, everyMs: 20 });
