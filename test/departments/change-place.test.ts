import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { changePlace } from "../../src/departments/change-place.ts";
import { readDefinition } from "../../src/departments/config/read-definition.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());

const there = { host: "docker", region: "eu", release: "agent:1" };
const change = (
  { id }: TestDepartment,
  place = there as typeof there | { region: null; host: string; release: string },
) =>
  withTx(edge.deps.db.app, (tx) =>
    changePlace(tx, id, place, { agentUrl: "http://there:8080", by: "who asked" }),
  );

test("place, address and a new version of the definition change together, and nothing else of it", async () => {
  const department = await edge.addDepartment();
  const before = await readDefinition(edge.sql, department.id);
  expect(await change(department)).toBe(2);
  const [row] = await edge.sql`
    select d.host, region, release, agent_url, config_version, c.created_by from federation.department d
    join federation.department_config c on c.department_id = d.id and c.version = d.config_version where id = ${department.id}`;
  const place = { ...there, agent_url: "http://there:8080", config_version: 2, created_by: "who asked" };
  expect(row).toEqual(place as never);
  expect(await readDefinition(edge.sql, department.id)).toEqual({ ...before, host: "docker", region: "eu" });
  expect(await change(department, { ...there, host: "local", region: null })).toBe(3);
  expect(await readDefinition(edge.sql, department.id)).toEqual({ ...before, host: "local" });
});

test("a locked department gets no address", async () => {
  const department = await edge.addDepartment();
  await edge.sql`update federation.department set status = 'suspended', locked_at = now(), locked_by = 'x', lock_reason = 'x'
    where id = ${department.id}`;
  await change(department);
  const [row] = await edge.sql`select host, agent_url from federation.department where id = ${department.id}`;
  expect(row).toEqual({ host: "docker", agent_url: null } as never);
});
