import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";

let at: Installation;
beforeAll(
  async () =>
    void (at = await startInstallation({ workers: 2, environment: { HEALTH_RECHECK_SECONDS: "1" } })),
  60_000,
);
afterAll(() => at.close(), 60_000);

const agentOf = async (slug: string) => {
  const [row] = await at.sql`
    select a.pid, d.id, d.agent_url as url from federation.local_agent a
    join federation.department d on d.id = a.department_id where d.slug = ${slug}`;
  return { id: String(row?.["id"]), pid: Number(row?.["pid"]), url: String(row?.["url"]) };
};
const answersAnew = (slug: string, killed: number) => async () => {
  const { pid, url } = await agentOf(slug);
  if (pid === killed || pid === 0) return false;
  return fetch(new URL("/health", url), { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
};

test("an agent that is killed is ready again without a person", async () => {
  const { slug } = await provision(at);
  const { pid } = await agentOf(slug);
  process.kill(pid, "SIGKILL");
  await until("the agent is back", answersAnew(slug, pid), 60);
}, 60_000);

const eventsOf = async (id: string) => {
  const rows = await at.sql`
    select type from federation.webhook_event where department_id = ${id}
      and type in ('department.degraded', 'department.recovered', 'alert.fired', 'alert.resolved') order by id`;
  return rows.map(({ type }) => String(type));
};
test("an agent that hangs is found, restarted and told of as degraded and recovered, once each", async () => {
  const { slug } = await provision(at);
  const { id, pid } = await agentOf(slug);
  process.kill(pid, "SIGSTOP");
  await until(
    "it is due",
    async () =>
      (
        await at.sql`update federation.department_health set next_check_at = clock_timestamp()
        where department_id = ${id}`
      ).count > 0,
  );
  await until("the agent is back", answersAnew(slug, pid), 80);
  await until("it is well", async () => (await eventsOf(id)).includes("department.recovered"), 60);
  expect(await eventsOf(id)).toEqual(["department.degraded", "department.recovered"]);
}, 180_000);
