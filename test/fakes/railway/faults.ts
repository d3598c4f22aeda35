import type { Random } from "./create-random.ts";
import type { Operation } from "./execute-operation.ts";
import type { Settings } from "./settings.ts";

/** What goes wrong with one request; `happened` says whether it was carried out all the same. */
export interface Fault {
  /** `504` of the edge, `drop` of the connection, `error` in GraphQL, `429` of the API. */
  kind: "504" | "drop" | "error" | "429";
  happened: boolean;
  /** Of an `error`. */
  message?: string;
}

export type Faults = ReturnType<typeof createFaults>;

export function createFaults(settings: Settings, random: Random) {
  const planned: { operation: string; fault: Fault }[] = [];

  /** Of a request: the planned fault first, else one by chance. */
  function next({ fields, name }: Operation): Fault | undefined {
    const at = planned.findIndex(({ operation }) => operation === name || fields.includes(operation));
    if (at >= 0) return planned.splice(at, 1)[0]?.fault;
    const chance = random.draw("fault");
    const { rate504, rateDropped } = settings.faults;
    if (chance >= rate504 + rateDropped) return undefined;
    return { kind: chance < rate504 ? "504" : "drop", happened: random.draw("happened") < 0.5 };
  }

  return {
    next,
    /** Of the next request with this root field or operation name; more than one queue up. */
    failNext: (operation: string, fault: Fault) => void planned.push({ operation, fault }),
  };
}
