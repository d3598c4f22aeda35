import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { sweepStrays } from "../../src/departments/sweep-strays.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import { submitRun } from "../../src/provisioning/submit-run.ts";
import { type EngineWorld, engineWorld, planOf } from "../provisioning/engine-world.ts";
import { agentSpec, call, openDockerWorld } from "../providers/hosts/docker/world.ts";

let world: EngineWorld;
let docker: Awaited<ReturnType<typeof openDockerWorld>>;
beforeAll(async () => {
  [world, docker] = await Promise.all([engineWorld(), openDockerWorld()]);
});
afterAll(async () => {
  await Promise.all([world.close(), docker.close()]);
});

const sweep = () => sweepStrays(world.sql, docker.host, new AbortController().signal);
const left = async (id: string) => (await docker.host.inspect(id, new AbortController().signal)).length;

/** A department, and a service with its mark on the engine. */
async function department(status: string, host: string): Promise<string> {
  const spec = agentSpec();
  const id = spec.departmentId;
  const suffix = randomSuffix();
  await world.admin`
    insert into federation.department (id, slug, name, status, suffix, host, release, admin_email, deprovisioned_at)
    values (${id}, ${spec.slug.slice(0, 30)}, 'test', ${status}, ${suffix}, ${host}, 'test', 'test@example.com',
      case when ${status} = 'deprovisioned' then clock_timestamp() end)`;
  await world.admin`select audit.open_stream(${id})`;
  await docker.host.ensureProject(spec, call());
  await docker.host.ensureService(spec, call());
  return id;
}

test("what a department left behind that is gone, or lives elsewhere, is taken off the host; the others' is not touched", async () => {
  const gone = await department("deprovisioned", "docker");
  const moved = await department("active", "local");
  const living = await department("active", "docker");
  const { removed } = await sweep();
  expect(removed.toSorted()).toEqual([gone, moved].toSorted());
  expect([await left(gone), await left(moved), await left(living)]).toEqual([0, 0, 2]);
  expect(await sweep()).toEqual({ removed: [], unknown: [] });
});

test("while a run is at work on a department nothing of it is swept, also when the run begins in the middle", async () => {
  const id = await department("active", "local");
  const begin = () =>
    withTx(world.sql, (tx) =>
      submitRun(world.ctx, tx, planOf({ moves: [] }), { departmentId: id, input: {}, inputHash: "test" }),
    );
  const host = { ...docker.host };
  host.destroy = async (departmentId, destroyCall) => {
    await begin();
    return docker.host.destroy(departmentId, destroyCall);
  };
  const swept = sweepStrays(world.sql, host, new AbortController().signal);
  await expect(swept).rejects.toMatchObject({ code: "not_stray" });
  expect((await sweep()).removed).toEqual([]);
  expect(await left(id)).toBe(2);
});

test("what bears our mark but belongs to no department here is named and left alone", async () => {
  const spec = agentSpec();
  await docker.host.ensureProject(spec, call());
  const { removed, unknown } = await sweep();
  expect(removed).toEqual([]);
  expect(unknown.map(({ departmentId }) => departmentId)).toEqual([spec.departmentId]);
  expect(await left(spec.departmentId)).toBe(1);
});
