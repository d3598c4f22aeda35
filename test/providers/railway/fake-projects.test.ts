import { afterEach, beforeEach, expect, test } from "bun:test";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { type Ask, askerOf, makerOf, messageOf } from "./ask.ts";

let fake: FakeRailway;
let ask: Ask;
let make: ReturnType<typeof makerOf>;
beforeEach(async () => {
  // Railway's second takes 1,000: its time passes only as a test says.
  fake = await startFakeRailway({ scale: 1 / 1000, lagSeconds: [10, 10] });
  ask = askerOf(fake);
  make = makerOf(fake);
});
afterEach(() => fake.close());

const projectNames = async (query = "projects") =>
  (
    await ask<Record<string, { edges: { node: { name: string } }[] }>>(
      `{ all: ${query} { edges { node { name } } } }`,
    )
  ).data["all"]?.edges.map(({ node }) => node.name);

test("a new project is neither listed nor found until the lag has passed, but can be changed at once", async () => {
  const { data } = await ask<{ projectCreate: { id: string; environments: { edges: unknown[] } } }>(
    `mutation { projectCreate(input: { name: "new", defaultEnvironmentName: "staging" }) {
      id environments { edges { node { name } } }
    } }`,
  );
  const { id, environments } = data.projectCreate;
  expect(environments.edges).toEqual([{ node: { name: "staging" } }]);
  expect(await projectNames()).toEqual([]);
  const early = await messageOf(ask(`{ project(id: "${id}") { id } }`));
  expect(["Not Authorized", "Problem processing request"]).toContain(early!);
  const changed = await ask(
    `mutation { projectUpdate(id: "${id}", input: { description: "d" }) { description } }`,
  );
  expect(changed.data).toEqual({ projectUpdate: { description: "d" } });
  fake.controls.advance(10);
  expect(await projectNames()).toEqual(["new"]);
  expect((await ask(`{ project(id: "${id}") { description } }`)).data).toEqual({
    project: { description: "d" },
  });
});

test("two projects may have one name", async () => {
  await make.project("twin");
  await make.project("twin");
  await make.project("other");
  expect(await projectNames()).toEqual(["twin", "twin", "other"]);
  expect(fake.controls.duplicates()).toEqual(["twin"]);
  expect(fake.controls.counts.projectsCreated).toBe(3);
});

test("listings come in pages, also when what the cursor names is gone", async () => {
  const made = [await make.project("a"), await make.project("b"), await make.project("c")];
  const page = async (after?: string) => {
    const { data } = await ask<{
      projects: {
        edges: { node: { name: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    }>(
      "query($after: String) { projects(first: 2, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } } }",
      { after },
    );
    const { edges, pageInfo } = data.projects;
    return { names: edges.map(({ node }) => node.name), ...pageInfo };
  };
  const first = await page();
  expect(first).toMatchObject({ names: ["a", "b"], hasNextPage: true });
  expect(await page(first.endCursor)).toMatchObject({ names: ["c"], hasNextPage: false });
  await ask(`mutation { projectDelete(id: "${made[1]?.id}") }`);
  expect(await page(first.endCursor)).toMatchObject({ names: ["c"], hasNextPage: false });
});

test("a deleted project is only listed with those that are deleted, and a second delete finds nothing", async () => {
  const { id } = await make.project("gone");
  await make.project("kept");
  expect((await ask(`mutation { projectDelete(id: "${id}") }`)).data).toEqual({ projectDelete: true });
  expect(await projectNames()).toEqual(["kept"]);
  expect(await projectNames("projects(includeDeleted: true)")).toEqual(["gone", "kept"]);
  expect(await messageOf(ask(`{ project(id: "${id}") { id } }`))).toBe("Not Authorized");
  expect(await messageOf(ask(`mutation { projectDelete(id: "${id}") }`))).toBe("Not Authorized");
  fake.controls.settings.listsDeleted = true;
  expect(await projectNames()).toEqual(["gone", "kept"]);
  fake.controls.advance(48 * 3600);
  expect(await projectNames("projects(includeDeleted: true)")).toEqual(["kept"]);
});

test("a scheduled deletion hides the project, can be taken back for 48 hours, and then has happened", async () => {
  const { id } = await make.project("going");
  await ask(`mutation { projectScheduleDelete(id: "${id}") }`);
  expect(await projectNames()).toEqual([]);
  const { data } = await ask<{ project: { deletedAt: string } }>(`{ project(id: "${id}") { deletedAt } }`);
  expect(data.project.deletedAt).not.toBeNull();
  expect(await messageOf(ask(`{ project(id: "${id}") { workspace { id } } }`))).toBe("Project not found");
  await ask(`mutation { projectScheduleDeleteCancel(id: "${id}") }`);
  expect(await projectNames()).toEqual(["going"]);
  expect(await messageOf(ask(`mutation { projectScheduleDeleteForce(id: "${id}") }`))).toBe(
    "Problem processing request",
  );
  await ask(`mutation { projectScheduleDelete(id: "${id}") }`);
  fake.controls.advance(48 * 3600);
  expect(await messageOf(ask(`mutation { projectScheduleDeleteCancel(id: "${id}") }`))).toBe(
    "Not Authorized",
  );
});

test("a scheduled deletion that is forced has happened", async () => {
  const { id } = await make.project("going");
  await ask(`mutation { projectScheduleDelete(id: "${id}") }`);
  await ask(`mutation { projectScheduleDeleteForce(id: "${id}") }`);
  expect(await messageOf(ask(`{ project(id: "${id}") { id } }`))).toBe("Not Authorized");
});

test("somebody else's project is listed, and is no orphan of ours", async () => {
  fake.controls.addForeignProject();
  await make.project("ours");
  expect(await projectNames()).toEqual(["somebody-elses", "ours"]);
  expect(fake.controls.orphans().map(({ name }) => name)).toEqual(["ours"]);
});
