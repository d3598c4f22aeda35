import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { requestCancel } from "./cancel-run.ts";
import type { FoundRun } from "./find-run.ts";
import { goOn } from "./retry-run.ts";

/** Sees to it that a locked run is taken back: cancelled, or its unfinished rollback tried again. */
export async function takeBackRun(ctx: Ctx, tx: Tx, run: FoundRun): Promise<void> {
  if (run.status === "failed" && run.undoing) await goOn(ctx, tx, run, []);
  else if (run.status !== "rolling_back") await requestCancel(ctx, tx, run);
}
