import { DBOS, type WorkflowHandle } from "@dbos-inc/dbos-sdk";
import packageJson from "../../node_modules/@dbos-inc/dbos-sdk/package.json" with { type: "json" };
import { linearSteps, parallelSteps, parallelStepMs } from "../contenders/contender.ts";

export const version = packageJson.version;
export const poolMax = Number(process.env.POOL ?? 20);
/** Warnings only, and only where they do not mix with what the parent reads. */
export const logger = { debug: quiet, info: quiet, warn: console.error, error: console.error };

function quiet(): void {}

/** Where the workflows tell the submitter what happened in this process. */
export const seen = { firstStepAtMs: new Map<string, number>(), ended: (_run: string) => {} };

const noop = async () => {};

async function linearWorkflow(run: string): Promise<void> {
  seen.firstStepAtMs.set(run, performance.now());
  for (let step = 1; step <= linearSteps; step += 1) await DBOS.runStep(noop, { name: `step-${step}` });
  seen.ended(run);
}

async function parallelWorkflow(run: string): Promise<void> {
  seen.firstStepAtMs.set(run, performance.now());
  await DBOS.runStep(noop, { name: "begin" });
  const middle = Array.from({ length: parallelSteps }, (_, index) =>
    DBOS.runStep(() => Bun.sleep(parallelStepMs), { name: `middle-${index}` }),
  );
  await Promise.all(middle);
  await DBOS.runStep(noop, { name: "end" });
  seen.ended(run);
}

export const linearRun = DBOS.registerWorkflow(linearWorkflow, { name: "linear" });
export const parallelRun = DBOS.registerWorkflow(parallelWorkflow, { name: "parallel" });

export function firstStepOf(run: string) {
  const firstStepAtMs = seen.firstStepAtMs.get(run) ?? Number.NaN;
  seen.firstStepAtMs.delete(run);
  return { firstStepAtMs };
}

export async function launch(databaseUrl: string): Promise<void> {
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: poolMax,
    useListenNotify: process.env.LN !== "0",
    logger,
  });
  await DBOS.launch();
}

export type Handle = WorkflowHandle<void>;
