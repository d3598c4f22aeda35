import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";

let at: Installation;
const environment = { HEALTH_RECHECK_SECONDS: "1" };
beforeAll(async () => void (at = await startInstallation({ workers: 2, environment })), 60_000);
afterAll(() => at.close(), 60_000);

const eventsOf = async (id: string) => {
  const rows = await at.sql`
    select type from federation.webhook_event where department_id = ${id}
      and type in ('department.degraded', 'department.recovered', 'alert.fired', 'alert.resolved') order by id`;
  return rows.map(({ type }) => String(type));
};
const healOf = async (id: string) => {
  const [row] = await at.sql`select heal from federation.department_health where department_id = ${id}`;
  return String(row?.["heal"]);
};
/** Lets the next worker that comes by the point be killed, and another one come for it. */
async function killOnce(point: string) {
  at.arm(point, "SIGKILL");
  // What a killed worker had claimed is free again after its lease.
  await until(`a worker comes by ${point}`, () => at.firedYet(point), 150);
  await at.startWorker();
}

test("an agent that cannot come back makes one alert, and one recovery later, though workers are killed in between", async () => {
  const { slug, department: id } = await provision(at);
  const [agent] = await at.sql`select pid from federation.local_agent where department_id = ${id}`;
  at.breakAgents();
  process.kill(Number(agent?.["pid"]), "SIGKILL");
  await at.client.send("POST", `/departments/${slug}/check`);
  await killOnce("after.host.health");
  await killOnce("before.host.restart");
  await until("everything was tried", async () => (await healOf(id)) === "given_up", 300);
  await at.client.send("POST", `/departments/${slug}/check`);
  await killOnce("after.host.health");
  expect(await eventsOf(id)).toEqual(["department.degraded", "alert.fired"]);
  const [alert] = await at.sql`select name, summary from federation.alert where department_id = ${id}`;
  expect(alert).toMatchObject({ name: "agent_down", summary: expect.stringContaining("agent") });
  at.repairAgents();
  await until("it is well", async () => (await eventsOf(id)).includes("department.recovered"), 120);
  await at.client.send("POST", `/departments/${slug}/check`);
  expect((await eventsOf(id)).toSorted()).toEqual([
    "alert.fired",
    "alert.resolved",
    "department.degraded",
    "department.recovered",
  ]);
}, 600_000);
