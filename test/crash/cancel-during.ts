import type { Installation } from "../helpers/installation.ts";
import { submitProvision, type TestRun } from "./department.ts";

/** Asks for a cancel while the step has begun and does nothing yet. */
export async function cancelDuring(at: Installation, step: string, customConfig?: object): Promise<TestRun> {
  at.arm(`${step}.begun`, "SIGSTOP");
  const run = await submitProvision(at, undefined, customConfig);
  const { pid } = await at.fired(`${step}.begun`);
  await at.client.send("POST", `/runs/${run.id}/cancel`, {});
  at.child(pid)?.kill("SIGCONT");
  return run;
}
