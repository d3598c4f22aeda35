/**
 * Delivers events to endpoints, at least once and in no promised order. Rows say what is owed: a worker fans new events
 * out, claims what is due under a lease, sends outside of any transaction and stores the outcome under the fence it
 * claimed with. A worker that dies leaves its leases; after them another one sends the same message, under the same id.
 */
import type { Logger } from "pino";
import type { Sql } from "../../db/tx.ts";
import { coalesce } from "../../provisioning/coalesce.ts";
import { claimDeliveries, type ClaimedDelivery } from "./claim-deliveries.ts";
import { fanOut } from "./fan-out.ts";
import { sendDelivery, type SendMeans } from "./send-delivery.ts";
import { storeOutcome } from "./store-outcome.ts";

export interface DelivererOptions extends SendMeans {
  sql: Sql;
  log: Logger;
  everyMs?: number;
  /** Messages in flight at once; half of them, rounded up, may be for endpoints that fail at present. */
  roomMax?: number;
}

export interface Deliverer {
  /** Resolves when nothing is in flight any more; what was is sent again by the next worker. */
  close(): Promise<void>;
}

/** An event leaves within a second of its commit, without anybody having to be told of it. */
const everyMsDefault = 500;
const roomMaxDefault = 32;

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { sql, log, everyMs = everyMsDefault, roomMax = roomMaxDefault } = options;
  const closing = new AbortController();
  const inFlight = new Map<Promise<void>, ClaimedDelivery>();

  const look = coalesce(async () => {
    try {
      if (await fanOut(sql)) look.call();
      const failing = [...inFlight.values()].filter((delivery) => delivery.is_failing).length;
      const room = roomMax - inFlight.size;
      if (room <= 0) return;
      const claimed = await claimDeliveries(sql, room, Math.max(0, Math.ceil(roomMax / 2) - failing));
      for (const delivery of claimed) carry(delivery);
    } catch (error) {
      log.warn({ err: error }, "could not look for webhooks to deliver");
    }
  });

  function carry(delivery: ClaimedDelivery): void {
    const work = deliver(delivery)
      .catch((error: unknown) =>
        log.warn({ err: error, delivery: delivery.id }, "outcome of a webhook not stored"),
      )
      .finally(() => {
        inFlight.delete(work);
        if (!closing.signal.aborted) look.call();
      });
    inFlight.set(work, delivery);
  }

  async function deliver(delivery: ClaimedDelivery): Promise<void> {
    const { outcome, cause } = await sendDelivery(delivery, options, closing.signal);
    const stored = await storeOutcome(sql, delivery, outcome);
    const { id, event_id, endpoint_id, attempt } = delivery;
    log.debug(
      { delivery: id, event: event_id, endpoint: endpoint_id, attempt, ...outcome, stored, err: cause },
      "webhook",
    );
  }

  const sweep = setInterval(look.call, everyMs);
  look.call();
  return {
    async close() {
      clearInterval(sweep);
      closing.abort();
      await look.close();
      await Promise.all(inFlight.keys());
    },
  };
}
