import { createAllowList } from "../src/net/allow-list.ts";
import { resolveBySystem } from "../src/net/pin.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { createDeliverer, type Deliverer } from "../src/webhooks/delivery/deliverer.ts";

/** Sends what happened to whoever wants to hear of it. Every worker does it; each takes what no other one has. */
export function deliverWebhooks({ db, vault, signingKeys, config, log, tracer }: WorkerDeps): Deliverer {
  const send = { allow: createAllowList(config.outboundAllow), resolve: resolveBySystem, tracer };
  return createDeliverer({ sql: db.app, vault, signingKeys, log, send, consoleUrl: config.publicUrl });
}
