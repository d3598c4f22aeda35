import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { workflows } from "../../jobs/steps/workflows.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { expectMadeOnce, inN8n } from "./expect-workflows.ts";
import { codeOf, suffixOf, type WorkflowsWorld, workflowsWorld } from "./world.ts";

describe.each(["2.41", "2.8"] as const)("n8n %s:", (version) => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld({ version })));
  afterAll(() => world.close());

  test("everything is made once, proven and recorded; repeated, nothing is written", async () => {
    const tools = ["calendar", "email", "database"];
    const department = await world.addDepartment(tools);
    const made = await world.ensure(department);
    expect(Object.keys(made.workflows).at(-1)).toBe("mcp");
    await expectMadeOnce(world, department, tools);
    const before = world.n8n.calls.length;
    expect(await world.ensure(department)).toEqual(made);
    expect(world.writes(before)).toEqual([]);
  });

  test("whichever answer of n8n is lost, the repeated step leaves exactly one of everything", async () => {
    const callCount = await countCalls(async () =>
      world.ensure(await world.addDepartment(), clientOf(world)),
    );
    for (let nth = 1; nth <= callCount; nth++) {
      const department = await world.addDepartment();
      world.n8n.fail(nth, { kind: "drop_answer" });
      const code = await codeOf(world.ensure(department, clientOf(world)));
      expect([nth, code]).toEqual([nth, "n8n_unavailable"]);
      await world.ensure(department);
      await expectMadeOnce(world, department);
    }
  });

  test("whichever answer of n8n is lost while it is removed, the repeated step leaves nothing", async () => {
    const gone = await world.addDepartment();
    await world.ensure(gone);
    const callCount = await countCalls(() => world.remove(gone, clientOf(world)));
    for (let nth = 1; nth <= callCount; nth++) {
      const department = await world.addDepartment();
      await world.ensure(department);
      const { length } = world.n8n.calls;
      world.n8n.fail(nth, { kind: "drop_answer" });
      // How often n8n says "still published" is a matter of time, so the last ones may not come.
      const code = await codeOf(world.remove(department, clientOf(world)));
      expect([nth, code]).toEqual([nth, world.n8n.calls.length < length + nth ? "none" : "n8n_unavailable"]);
      while (world.n8n.calls.length < length + nth)
        await codeOf(clientOf(world).listCredentials(AbortSignal.timeout(5000)));
      await world.remove(department);
      expect(inN8n(world, department)).toEqual({ workflows: [], credentials: [] });
    }
  });

  test("a disabled tool loses its workflow, the others stay as they are", async () => {
    const department = await world.addDepartment(["calendar", "email"]);
    const { workflows: before } = await world.ensure(department);
    await world.setTools(department, ["email"]);
    const { workflows: after } = await world.ensure(department);
    const { calendar: _, ...rest } = before;
    expect(after).toEqual(rest);
    await expectMadeOnce(world, department, ["email"]);
  });

  test("removal leaves nothing of the department and all of another", async () => {
    const [department, other] = [await world.addDepartment(), await world.addDepartment()];
    await world.ensure(department);
    await world.ensure(other);
    const before = world.n8n.calls.length;
    await world.remove(department);
    const touched = world.writes(before).filter((call) => touchesOne(call, other));
    expect(touched).toEqual([]);
    expect(inN8n(world, department)).toEqual({ workflows: [], credentials: [] });
    await expectMadeOnce(world, other);
    const [row] = await world.edge.sql`select count(*)::int as left from federation.resource
      where department_id = ${department.id} and provider = 'n8n' and deleted_at is null`;
    expect(row?.["left"]).toBe(0);
  });

  test("what was made and never recorded is removed as well", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    await world.edge
      .sql`delete from federation.resource where department_id = ${department.id} and provider = 'n8n'`;
    await world.remove(department);
    expect(inN8n(world, department)).toEqual({ workflows: [], credentials: [] });
  });

  test("revoked secrets are made anew, and everything in n8n has the new ones", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const old = await world.secrets(department);
    await world.revoke(department);
    await world.ensure(department);
    await expectMadeOnce(world, department);
    const next = await world.secrets(department);
    for (const name of ["key", "hookToken", "mcpToken", "pathPrefix"] as const)
      expect(next[name]).not.toBe(old[name]);
    expect([...world.n8n.store.registered.keys()].filter((key) => key.includes(old.pathPrefix))).toEqual([]);
    const held = JSON.stringify([
      ...world.n8n.store.credentials.values(),
      ...world.n8n.store.workflows.values(),
    ]);
    for (const secret of [old.key, old.hookToken, old.mcpToken]) expect(held).not.toContain(secret);
  });

  test("twins of a workflow and of a credential go, and what is recorded stays", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    const { workflows: all, credentials } = inN8n(world, department);
    for (const one of all)
      world.n8n.store.workflows.set(`twin${one.id}`, { ...structuredClone(one), id: `twin${one.id}` });
    for (const one of credentials)
      world.n8n.store.credentials.set(`twin${one.id}`, { ...one, id: `twin${one.id}` });
    expect(await world.ensure(department)).toEqual(made);
    await expectMadeOnce(world, department);
  });

  test("a workflow or credential deleted by hand is made anew and bound everywhere", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const { workflows: all, credentials } = inN8n(world, department);
    for (const { id } of all.slice(0, 2)) {
      world.n8n.store.workflows.delete(id);
      for (const [key, one] of world.n8n.store.registered)
        if (one.workflowId === id) world.n8n.store.registered.delete(key);
    }
    for (const { id } of credentials) world.n8n.store.credentials.delete(id);
    await world.ensure(department);
    await expectMadeOnce(world, department);
  });

  test("names, edits and a credential changed by hand are put right", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    const { workflows: all, credentials } = inN8n(world, department);
    const [first, second] = all;
    if (!first || !second) throw new Error("no workflows");
    first.name = "renamed";
    second.nodes = second.nodes.map((node) => ({
      ...node,
      parameters: { ...node.parameters, path: "elsewhere" },
    }));
    const hook = credentials.find(({ type }) => type === "httpHeaderAuth");
    if (!hook) throw new Error("no credential");
    hook.data = { name: "x-federation-token", value: "guessed" };
    expect(await world.ensure(department)).toEqual(made);
    await expectMadeOnce(world, department);
  });

  test("a workflow that somebody unpublished is published again", async () => {
    const department = await world.addDepartment();
    const made = await world.ensure(department);
    const client = clientOf(world);
    await client.unpublishWorkflow(String(made.workflows["calendar"]), AbortSignal.timeout(5000));
    expect(await world.ensure(department)).toEqual(made);
    await expectMadeOnce(world, department);
  });

  test("an n8n that gives a node another credential is found out, and the workflow is not left published", async () => {
    const department = await world.addDepartment();
    const other = await world.addDepartment();
    await world.ensure(other);
    const client = clientOf(world);
    let rebound: string | undefined;
    const bindsOthers: typeof client = {
      ...client,
      async createWorkflow(definition, signal) {
        const foreign = inN8n(world, other).credentials.find(({ type }) => type === "httpHeaderAuth");
        const nodes = definition.nodes.map((node) =>
          node.credentials?.["httpHeaderAuth"] && foreign
            ? { ...node, credentials: { httpHeaderAuth: { id: foreign.id, name: foreign.name } } }
            : node,
        );
        const made = await client.createWorkflow({ ...definition, nodes }, signal);
        rebound ??= made.id;
        return made;
      },
      updateWorkflow: async (id, _definition, signal) =>
        (await client.getWorkflow(id, signal)) ?? Promise.reject(new Error("gone")),
    };
    expect(await codeOf(world.ensure(department, bindsOthers))).toBe("n8n_credentials_rebound");
    expect(world.n8n.store.workflows.get(rebound ?? "")?.activeVersion).toBeUndefined();
    await world.ensure(department);
    await expectMadeOnce(world, department);
  });

  test("a worker whose run another one took over writes nothing more to n8n", async () => {
    const department = await world.addDepartment();
    const ctx = await world.hold(department, "workflows");
    await ctx.lose();
    const before = world.n8n.calls.length;
    await expect(Promise.resolve(workflows.run(ctx))).rejects.toThrow();
    expect(world.writes(before)).toEqual([]);
  });

  async function countCalls(work: () => Promise<unknown>): Promise<number> {
    const before = world.n8n.calls.length;
    await work();
    return world.n8n.calls.length - before;
  }

  const touchesOne = (
    call: string,
    department: { id: string; schemaName: string } & Parameters<typeof inN8n>[1],
  ) => {
    const { workflows: all, credentials } = inN8n(world, department);
    return (
      [...all, ...credentials].some(({ id }) => call.includes(id)) || call.includes(suffixOf(department))
    );
  };
});

describe("publication:", () => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld()));
  afterAll(() => world.close());

  test("a publication that n8n lost is made again", async () => {
    const department = await world.addDepartment();
    const client = clientOf(world);
    let lost = 0;
    const loses: typeof client = {
      ...client,
      async publishWorkflow(id, signal) {
        world.n8n.behaviour.registrationMs = lost < 2 ? 60_000 : 5;
        lost += 1;
        await client.publishWorkflow(id, signal);
      },
    };
    await world.ensure(department, loses);
    await expectMadeOnce(world, department);
  });

  test("a path that somebody else has is a conflict that names the path and no token", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const secrets = await world.secrets(department);
    const client = clientOf(world);
    const [taken] = inN8n(world, department).workflows;
    if (!taken) throw new Error("no workflow");
    await client.unpublishWorkflow(taken.id, AbortSignal.timeout(5000));
    await Bun.sleep(50);
    const { id } = await client.createWorkflow(
      {
        name: "somebody else's",
        nodes: taken.nodes.map(({ credentials: _, ...node }) => ({
          ...node,
          notes: "",
          parameters: { ...node.parameters, authentication: "none" },
        })),
        connections: {},
        settings: {},
      },
      AbortSignal.timeout(5000),
    );
    await client.publishWorkflow(id, AbortSignal.timeout(5000));
    await Bun.sleep(50);
    const failure = await world.ensure(department).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "n8n_path_conflict", retryable: false });
    expect(String(failure)).toContain(`${secrets.pathPrefix}/calendar`);
    for (const secret of [secrets.key, secrets.hookToken, secrets.mcpToken])
      expect(String(failure)).not.toContain(secret);
    await client.deleteWorkflow(id, AbortSignal.timeout(5000));
    await Bun.sleep(50);
    await world.ensure(department);
    await expectMadeOnce(world, department);
  });
});

describe("without n8n:", () => {
  let world: WorkflowsWorld;
  beforeAll(async () => void (world = await workflowsWorld()));
  afterAll(() => world.close());

  test("both steps are skipped and say why", async () => {
    const department = await world.addDepartment();
    const ctx = await world.hold(department, "workflows", { n8n: undefined });
    expect(await workflows.run(ctx)).toMatchObject({
      kind: "skip",
      reason: expect.stringContaining("not configured"),
    });
    expect(await workflows.undo?.(ctx)).toBeUndefined();
  });

  test("a department that has workflows is not called clean", async () => {
    const department = await world.addDepartment();
    await world.ensure(department);
    const ctx = await world.hold(department, "workflows", { n8n: undefined });
    await expect(Promise.resolve(workflows.undo?.(ctx))).rejects.toMatchObject({
      code: "n8n_not_configured",
      retryable: true,
    });
  });
});

/** Without kept connections: on one of those Bun itself repeats what is idempotent, and no answer would be lost. */
const clientOf = ({ n8n }: WorkflowsWorld) =>
  createN8nClient({
    baseUrl: n8n.baseUrl,
    apiKey: new Secret(n8n.apiKey),
    fetch: (url, init) => fetch(url, { ...init, keepalive: false }),
  });
