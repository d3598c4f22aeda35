import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { workflows } from "../../jobs/steps/workflows.ts";
import type { N8nClient } from "../../src/providers/n8n/n8n.ts";
import { findOwn, secretsOf } from "./expect-workflows.ts";
import type { HeldStep } from "../helpers/hold-step.ts";
import { type Department, type WorkflowsWorld, workflowsWorld } from "./world.ts";

const signal = () => AbortSignal.timeout(5000);

describe.each(["2.41", "2.8"] as const)("n8n %s:", (version) => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld({ version })));
  afterAll(() => world.close());

  test("everything is made once, proven and recorded; repeated, nothing is written", async () => {
    const tools = ["calendar", "email", "database"];
    const department = await world.addDepartment(tools);
    const made = await world.ensure(department);
    expect(Object.keys(made.workflows).at(-1)).toBe("mcp");
    await world.expectMadeOnce(department, tools);
    const before = world.n8n.calls.length;
    expect(await world.ensure(department)).toEqual(made);
    expect(world.writes(before)).toEqual([]);
  });

  test("a disabled tool loses its workflow, the others stay as they are", async () => {
    const department = await world.addDepartment(["calendar", "email"]);
    const { workflows: before } = await world.ensure(department);
    await world.setTools(department, ["email"]);
    const { workflows: after } = await world.ensure(department);
    const { calendar: _, ...rest } = before;
    expect(after).toEqual(rest);
    await world.expectMadeOnce(department, ["email"]);
  });

  test("removal leaves nothing of the department, and writes to nothing of another", async () => {
    const [department, other] = [await world.addDepartment(), await world.addDepartment()];
    await world.ensure(department);
    await world.ensure(other);
    const { workflows: all, credentials } = await findOwn(world.client, other);
    const before = world.n8n.calls.length;
    await world.remove(department);
    const others = [...all, ...credentials].map(({ id }) => id);
    expect(world.writes(before).filter((call) => others.some((id) => call.includes(id)))).toEqual([]);
    await world.expectNothing(department);
    await world.expectMadeOnce(other);
  });

  test("what was made and never recorded is removed as well", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    await world.at.sql`
      delete from federation.resource where department_id = ${department.id} and provider = 'n8n'`;
    await world.remove(department);
    await world.expectNothing(department);
  });

  test("revoked secrets are made anew, and everything in n8n has the new ones", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const old = await secretsOf(world.at, department);
    await world.revoke(department);
    await world.ensure(department);
    await world.expectMadeOnce(department);
    const next = await secretsOf(world.at, department);
    for (const name of ["key", "hookToken", "mcpToken", "pathPrefix"] as const)
      expect(next[name]).not.toBe(old[name]);
    const { credentials, workflows: all, registered } = world.n8n.store;
    const held = JSON.stringify([...credentials.values(), ...all.values(), ...registered]);
    for (const secret of Object.values(old)) expect(held).not.toContain(secret);
  });

  test("twins of a workflow and of a credential go, and what is recorded stays", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    const { workflows: all, credentials } = world.n8n.store;
    const own = await findOwn(world.client, department);
    for (const { id } of own.workflows) addTwin(all, id);
    for (const { id } of own.credentials) addTwin(credentials, id);
    expect(await world.ensure(department)).toEqual(made);
    await world.expectMadeOnce(department);
  });

  test("workflows and credentials deleted by hand are made anew and bound everywhere", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const own = await findOwn(world.client, department);
    for (const { id } of own.workflows.slice(0, 2)) await world.client.deleteWorkflow(id, signal());
    for (const { id } of own.credentials) await world.client.deleteCredential(id, signal());
    await world.ensure(department);
    await world.expectMadeOnce(department);
  });

  test("a name, an edit and a credential changed by hand are put right", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    const { workflows: all, credentials } = world.n8n.store;
    const [first, second] = (await findOwn(world.client, department)).workflows.map(({ id }) => all.get(id));
    const hook = [...credentials.values()].find(({ name }) => name.endsWith(`${department.suffix}/hook`));
    if (!first || !second || !hook) throw new Error("they are not there");
    first.name = "renamed";
    second.nodes = second.nodes.map((node) => ({ ...node, parameters: { ...node.parameters, path: "x" } }));
    hook.data = { name: "x-federation-token", value: "guessed" };
    expect(await world.ensure(department)).toEqual(made);
    await world.expectMadeOnce(department);
  });

  test("a workflow that somebody unpublished is published again", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    await world.client.unpublishWorkflow(String(made.workflows["calendar"]), signal());
    expect(await world.ensure(department)).toEqual(made);
    await world.expectMadeOnce(department);
  });

  test("a node bound to another department's credential is found out, and its workflow left unpublished", async () => {
    const [department, other] = [await world.addDepartment(), await world.addDepartment()];
    await world.ensure(other);
    const foreign = (await findOwn(world.client, other)).credentials.find(({ name }) =>
      name.endsWith("/hook"),
    );
    const made: string[] = [];
    const rebinds: N8nClient = {
      ...world.client,
      async createWorkflow(definition, until) {
        const nodes = definition.nodes.map((node) =>
          node.credentials?.["httpHeaderAuth"] && foreign
            ? { ...node, credentials: { httpHeaderAuth: foreign } }
            : node,
        );
        const workflow = await world.client.createWorkflow({ ...definition, nodes }, until);
        made.push(workflow.id);
        return workflow;
      },
      async updateWorkflow(id, _, until) {
        const workflow = await world.client.getWorkflow(id, until);
        if (!workflow) throw new Error("it is gone");
        return workflow;
      },
    };
    await expect(world.ensure(department, rebinds)).rejects.toMatchObject({
      code: "n8n_credentials_rebound",
    });
    expect(made).toHaveLength(1);
    expect(await world.client.getWorkflow(String(made[0]), signal())).toMatchObject({ active: false });
    await world.ensure(department);
    await world.expectMadeOnce(department);
  });

  test.each(["removed", "unpublished"])(
    "a worker writes nothing more to n8n from the moment another one has its run; what is there is %s",
    async (start) => {
      const department = await world.addDepartment();
      const { workflows: made } = await world.ensure(department);
      const reset = async () => {
        if (start === "removed") return void (await world.remove(department));
        for (const id of Object.values(made)) await world.client.unpublishWorkflow(id, signal());
      };
      for (let nth = 1; ; nth++) {
        await reset();
        const ctx = await world.hold(department, "workflows");
        const losing = losesAt(nth, ctx);
        const run = workflows.run({ ...ctx, deps: { ...ctx.deps, n8n: losing.client } });
        await run.catch(() => {});
        if (!losing.isLost()) break;
        expect([nth, world.writes(losing.callCount())]).toEqual([nth, []]);
      }
      await world.expectMadeOnce(department);
    },
  );

  /** A client whose run is taken over when its n-th call is over. */
  function losesAt(nth: number, ctx: HeldStep) {
    let [calls, callCount] = [0, 0];
    const after = async <T>(answer: T): Promise<T> => {
      calls += 1;
      if (calls === nth) {
        await ctx.lose();
        callCount = world.n8n.calls.length;
      }
      return answer;
    };
    const { client } = world;
    const losing: N8nClient = {
      ...client,
      listCredentials: async (...args) => after(await client.listCredentials(...args)),
      listWorkflows: async (...args) => after(await client.listWorkflows(...args)),
      getWorkflow: async (...args) => after(await client.getWorkflow(...args)),
      createCredential: async (...args) => after(await client.createCredential(...args)),
      updateCredential: async (...args) => after(await client.updateCredential(...args)),
      createWorkflow: async (...args) => after(await client.createWorkflow(...args)),
      publishWorkflow: async (...args) => after(await client.publishWorkflow(...args)),
    };
    return { client: losing, isLost: () => calls >= nth, callCount: () => callCount };
  }
});

describe("publication:", () => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld()));
  afterAll(() => world.close());

  test("one that n8n lost is made again", async () => {
    const department = await world.addDepartment();
    let count = 0;
    const loses: N8nClient = {
      ...world.client,
      async publishWorkflow(id, until) {
        world.n8n.behaviour.registrationMs = count < 2 ? 60_000 : 5;
        count += 1;
        await world.client.publishWorkflow(id, until);
      },
    };
    await world.ensure(department, loses);
    await world.expectMadeOnce(department);
    expect(count).toBe(6);
  });

  test("one that never comes to live is tried again later", async () => {
    const department = await world.addDepartment();
    world.n8n.behaviour.registrationMs = 60_000;
    await expect(world.ensure(department)).rejects.toMatchObject({
      code: "n8n_not_published",
      retryable: true,
    });
    world.n8n.behaviour.registrationMs = 5;
    await world.ensure(department);
    await world.expectMadeOnce(department);
  });

  test("a path that somebody else has is a conflict that names the path and no token", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const secrets = await secretsOf(world.at, department);
    const id = await takePath(world, department);
    const failure = await world.ensure(department).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "n8n_path_conflict", retryable: false });
    expect(String(failure)).toContain(`${secrets.pathPrefix}/calendar`);
    for (const secret of [secrets.key, secrets.hookToken, secrets.mcpToken])
      expect(String(failure)).not.toContain(secret);
    await world.client.deleteWorkflow(id, signal());
    await world.ensure(department);
    await world.expectMadeOnce(department);
  });
});

describe("without n8n:", () => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld()));
  afterAll(() => world.close());

  test("the step is skipped and says why", async () => {
    const ctx = await world.hold(await world.addDepartment(), "workflows", { n8n: undefined });
    const reason = expect.stringContaining("n8n is not configured");
    expect(await workflows.run(ctx)).toEqual({ kind: "skip", reason });
    expect(await workflows.undo?.(ctx)).toBeUndefined();
  });

  test("a department that has workflows is not called clean", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const ctx = await world.hold(department, "workflows", { n8n: undefined });
    await expect(workflows.undo?.(ctx)).rejects.toMatchObject({
      code: "n8n_not_configured",
      retryable: true,
    });
  });
});

function addTwin<T extends { id: string }>(store: Map<string, T>, id: string) {
  const one = store.get(id);
  if (one) store.set(`twin${id}`, { ...structuredClone(one), id: `twin${id}` });
}

/** A workflow of somebody else, published on the path of the department's calendar while that was not. */
async function takePath({ client, n8n, at }: WorkflowsWorld, department: Department): Promise<string> {
  const own = await findOwn(client, department);
  const calendar = own.workflows.find(({ name }) => name.endsWith("/calendar"));
  const webhook = calendar?.nodes.find(({ type }) => type === "n8n-nodes-base.webhook");
  if (!calendar || !webhook) throw new Error("there is no calendar");
  const { pathPrefix } = await secretsOf(at, department);
  const isServed = () => n8n.store.registered.get(`POST ${pathPrefix}/calendar`)?.workflowId;
  await client.unpublishWorkflow(calendar.id, signal());
  while (isServed()) await Bun.sleep(5);
  const { credentials: _, notes: __, ...node } = webhook;
  const nodes = [{ ...node, parameters: { ...node.parameters, authentication: "none" } }];
  const { id } = await client.createWorkflow(
    { name: "other", nodes, connections: {}, settings: {} },
    signal(),
  );
  await client.publishWorkflow(id, signal());
  while (isServed() !== id) await Bun.sleep(5);
  return id;
}
