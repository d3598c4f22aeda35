import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { codeOf, type WorkflowsWorld, workflowsWorld } from "./world.ts";

describe.each(["2.41", "2.8"] as const)("n8n %s:", (version) => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld({ version })));
  afterAll(() => world.close());

  test("whichever answer of n8n is lost, the repeated step leaves exactly one of everything", async () => {
    const department = await world.addDepartment();
    const callCount = await countCalls(() => world.ensure(department, world.newClient()));
    for (let nth = 1; nth <= callCount; nth++) {
      await world.remove(department);
      await world.revoke(department);
      world.n8n.fail(nth, { kind: "drop_answer" });
      const code = await codeOf(world.ensure(department, world.newClient()));
      expect([nth, code]).toEqual([nth, "n8n_unavailable"]);
      await world.ensure(department);
      await world.expectMadeOnce(department);
    }
  });

  test("whichever answer of n8n is lost while it is removed, the repeated step leaves nothing", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const callCount = await countCalls(() => world.remove(department, world.newClient()));
    for (let nth = 1; nth <= callCount; nth++) {
      await world.ensure(department);
      const last = world.n8n.calls.length + nth;
      world.n8n.fail(nth, { kind: "drop_answer" });
      const code = await codeOf(world.remove(department, world.newClient()));
      // How often n8n says "still published" is a matter of time, so the last calls may not come.
      expect([nth, code]).toEqual([nth, world.n8n.calls.length < last ? "none" : "n8n_unavailable"]);
      while (world.n8n.calls.length < last)
        await codeOf(world.newClient().listCredentials(AbortSignal.timeout(5000)));
      await world.remove(department);
      await world.expectNothing(department);
    }
  });

  async function countCalls(work: () => Promise<unknown>): Promise<number> {
    const before = world.n8n.calls.length;
    await work();
    return world.n8n.calls.length - before;
  }
});
