import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, type LocalWorld, openLocalWorld } from "./world.ts";

let world: LocalWorld;
beforeAll(async () => void (world = await openLocalWorld()));
afterAll(() => world.close());

test("an agent that runs here for a department that lives elsewhere does not lead its callers here", async () => {
  const [here, elsewhere] = [await world.makeSpec(), await world.makeSpec()];
  await world.admin`update federation.department set agent_url = 'http://known:8080'`;
  await world.admin`update federation.department set host = 'docker' where id = ${elsewhere.departmentId}`;
  world.startSupervisor();
  const [url = ""] = await Promise.all(
    [here, elsewhere].map(async (spec) => {
      await world.host.ensureService(spec, call());
      return (await world.host.deploy(spec, call())).url;
    }),
  );
  const urlOf = async (id: string) => {
    const [row] = await world.sql`select agent_url as url from federation.department where id = ${id}`;
    return row?.["url"];
  };
  expect(await urlOf(here.departmentId)).toBe(url);
  expect(await urlOf(elsewhere.departmentId)).toBe("http://known:8080");
});
