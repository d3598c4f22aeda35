import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { getNamedType, type GraphQLOutputType, isNullableType, isObjectType } from "graphql";
import { loadSchema } from "../../fakes/railway/load-schema.ts";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { type Ask, askerOf, bearer, makerOf } from "./ask.ts";

let fake: FakeRailway;
let ask: Ask;
beforeEach(async () => {
  // Railway's second takes 1,000: its time passes only as a test says.
  fake = await startFakeRailway({
    scale: 1 / 1000,
    lagSeconds: [10, 10],
    workspaces: [{ name: "ours" }, { name: "theirs" }],
  });
  ask = askerOf(fake);
});
afterEach(() => fake.close());

const ours = () => fake.controls.workspaces[0]!;
const theirs = () => fake.controls.workspaces[1]!;
const messageOf = async (answer: Promise<{ errors: { message: string }[] | undefined }>) =>
  (await answer).errors?.[0]?.message;
const projectNames = async (query = "projects") =>
  (
    await ask<Record<string, { edges: { node: { name: string } }[] }>>(
      `{ all: ${query} { edges { node { name } } } }`,
    )
  ).data["all"]?.edges.map(({ node }) => node.name);

describe("errors", () => {
  test("what fails is answered with 200, a trace and null", async () => {
    const missing = crypto.randomUUID();
    const { status, body } = await ask(`{ project(id: "${missing}") { id } }`);
    expect(status).toBe(200);
    expect(body).toEqual({
      errors: [
        {
          message: "Not Authorized",
          locations: [{ line: 1, column: 3 }],
          path: ["project"],
          extensions: { code: "INTERNAL_SERVER_ERROR" },
          traceId: expect.stringMatching(/^\d{18,19}$/),
        },
      ],
      data: null,
    });
  });

  test("an id that is none and a value that does not fit cannot be processed, and nobody says why", async () => {
    expect(await messageOf(ask(`{ project(id: "nonsense") { id } }`))).toBe("Problem processing request");
    const update = `mutation($input: ServiceInstanceUpdateInput!) {
      serviceInstanceUpdate(serviceId: "x", input: $input)
    }`;
    expect(await messageOf(ask(update, { input: { builder: "DOCKERFILE" } }))).toBe(
      "Problem processing request",
    );
  });

  test("a document that is not valid is answered with 400 and no data", async () => {
    const { status, body } = await ask("{ projects { edges { node { nam } } } }");
    expect(status).toBe(400);
    expect(body).not.toHaveProperty("data");
    expect(body["errors"]).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('Cannot query field "nam" on type "Project".'),
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      }),
    ]);
  });

  test("another path is not found", async () => {
    const { status, body } = await ask("{ me { id } }", {}, fake.url.replace("v2", "v1"));
    expect(status).toBe(404);
    expect(body).toEqual({ message: "Not Found", requestId: expect.any(String) });
  });
});

describe("tokens", () => {
  test("an account sees every workspace, a workspace's token its own, and only a person is somebody", async () => {
    const workspaces = "{ apiToken { workspaces { id } } }";
    const ofWorkspace = askerOf(fake, bearer(ours().token));
    expect((await ask(workspaces)).data).toEqual({
      apiToken: { workspaces: [{ id: ours().id }, { id: theirs().id }] },
    });
    expect((await ofWorkspace(workspaces)).data).toEqual({ apiToken: { workspaces: [{ id: ours().id }] } });
    expect((await ask("{ me { email } }")).errors).toBeUndefined();
    expect(await messageOf(ofWorkspace("{ me { email } }"))).toBe("Not Authorized");
    expect(await messageOf(ofWorkspace(`{ workspace(workspaceId: "${theirs().id}") { name } }`))).toBe(
      "Not Authorized",
    );
  });

  test("no token and a wrong one are refused, but anybody may read the schema", async () => {
    const nobody = askerOf(fake, {});
    expect(await messageOf(nobody("{ projects { edges { cursor } } }"))).toBe("Not Authorized");
    expect(await messageOf(askerOf(fake, bearer("wrong"))("{ me { id } }"))).toBe("Not Authorized");
    const { data } = await nobody<{ __schema: unknown }>("{ __schema { queryType { name } } }");
    expect(data).toEqual({ __schema: { queryType: { name: "Query" } } });
  });

  test("a project's token is good for its environment, in its own header only", async () => {
    const make = makerOf(fake);
    const [one, other] = [await make.project("one"), await make.project("other")];
    const token = fake.controls.projectToken(one.environmentId);
    const ofProject = askerOf(fake, { "project-access-token": token });
    expect((await ofProject("{ projectToken { projectId environmentId } }")).data).toEqual({
      projectToken: { projectId: one.id, environmentId: one.environmentId },
    });
    expect((await ofProject(`{ project(id: "${one.id}") { name } }`)).data).toEqual({
      project: { name: "one" },
    });
    expect(await messageOf(askerOf(fake, bearer(token))("{ projectToken { id } }"))).toBe("Not Authorized");
    const wrong = askerOf(fake, { "project-access-token": fake.controls.accountToken });
    expect(await messageOf(wrong("{ projectToken { id } }"))).toBe("Project Token not found");
    for (const refused of [
      "{ me { id } }",
      "{ apiToken { workspaces { id } } }",
      "{ projects { edges { cursor } } }",
      `{ project(id: "${other.id}") { id } }`,
      `{ environment(id: "${other.environmentId}") { id } }`,
      'mutation { projectCreate(input: { name: "more" }) { id } }',
    ])
      expect(await messageOf(ofProject(refused))).toBe("Not Authorized");
  });

  test("a workspace's token sees and changes nothing of another workspace", async () => {
    const { id } = await makerOf(fake).project("theirs", theirs().id);
    const ofOurs = askerOf(fake, bearer(ours().token));
    const listed = await ofOurs<{ projects: { edges: unknown[] } }>("{ projects { edges { cursor } } }");
    expect(listed.data.projects.edges).toEqual([]);
    expect(await messageOf(ofOurs(`{ project(id: "${id}") { id } }`))).toBe("Not Authorized");
    expect(await messageOf(ofOurs(`mutation { projectDelete(id: "${id}") }`))).toBe("Not Authorized");
    expect(await projectNames()).toEqual(["theirs"]);
  });
});

describe("projects", () => {
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
    const make = makerOf(fake);
    await make.project("twin");
    await make.project("twin");
    await make.project("other");
    expect(await projectNames()).toEqual(["twin", "twin", "other"]);
    expect(fake.controls.duplicates()).toEqual(["twin"]);
    expect(fake.controls.counts.projectsCreated).toBe(3);
  });

  test("listings come in pages, also when what the cursor names is gone", async () => {
    const make = makerOf(fake);
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
    const make = makerOf(fake);
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
    const { id } = await makerOf(fake).project("going");
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
    const { id } = await makerOf(fake).project("going");
    await ask(`mutation { projectScheduleDelete(id: "${id}") }`);
    await ask(`mutation { projectScheduleDeleteForce(id: "${id}") }`);
    expect(await messageOf(ask(`{ project(id: "${id}") { id } }`))).toBe("Not Authorized");
  });

  test("somebody else's project is listed, and is no orphan of ours", async () => {
    fake.controls.addForeignProject();
    await makerOf(fake).project("ours");
    expect(await projectNames()).toEqual(["somebody-elses", "ours"]);
    expect(fake.controls.orphans().map(({ name }) => name)).toEqual(["ours"]);
  });
});

describe("services", () => {
  test("a name is unique in its project, also right after it was given", async () => {
    const { projectId } = await makerOf(fake).service();
    const create = (name: string) =>
      ask("mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }", {
        input: { projectId, name },
      });
    expect(await messageOf(create("agent"))).toBe('A service named "agent" already exists in this project');
    expect(await messageOf(create("x".repeat(49)))).toBe("Invalid service name");
    expect(await messageOf(create("other"))).toBeUndefined();
  });

  test("one with a source deploys when it is made, one without does not", async () => {
    const { projectId } = await makerOf(fake).service();
    expect(fake.controls.deploymentsOf(projectId)).toEqual([]);
    await ask(
      `mutation { serviceCreate(input: { projectId: "${projectId}", name: "web", source: { image: "nginx:1" } }) { id } }`,
    );
    expect(fake.controls.deploymentsOf(projectId)).toMatchObject([{ cause: "source", image: "nginx:1" }]);
  });

  test("a fork has the services that are made in it, and they are nowhere else", async () => {
    const { projectId, environmentId } = await makerOf(fake).service();
    const fork = await ask<{ environmentCreate: { id: string } }>(
      `mutation { environmentCreate(input: {
        projectId: "${projectId}", name: "fork", sourceEnvironmentId: "${environmentId}"
      }) { id } }`,
    );
    const forkId = fork.data.environmentCreate.id;
    await ask(
      `mutation { serviceCreate(input: { projectId: "${projectId}", name: "extra", environmentId: "${forkId}" }) { id } }`,
    );
    fake.controls.advance(10);
    const servicesIn = async (id: string) =>
      (
        await ask<{ environment: { serviceInstances: { edges: { node: { serviceName: string } }[] } } }>(
          `{ environment(id: "${id}") { serviceInstances { edges { node { serviceName } } } } }`,
        )
      ).data.environment.serviceInstances.edges.map(({ node }) => node.serviceName);
    expect(await servicesIn(environmentId)).toEqual(["agent"]);
    expect(await servicesIn(forkId)).toEqual(["agent", "extra"]);
  });

  test("a collection of variables is merged or replaced, and what runs sees Railway's own as well", async () => {
    const place = await makerOf(fake).service();
    const { projectId, environmentId, serviceId } = place;
    const upsert = (variables: object, replace: boolean) =>
      ask("mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }", {
        input: { ...place, variables, replace, skipDeploys: true },
      });
    const read = async () =>
      (
        await ask<{ variables: Record<string, string> }>(
          `{ variables(projectId: "${projectId}", environmentId: "${environmentId}", serviceId: "${serviceId}") }`,
        )
      ).data.variables;
    fake.controls.advance(10);
    await upsert({ A: "1", B: "2" }, false);
    await upsert({ B: "3" }, false);
    expect(await read()).toMatchObject({ A: "1", B: "3", RAILWAY_SERVICE_NAME: "agent" });
    await upsert({ C: "4" }, true);
    expect(await read()).toMatchObject({ C: "4" });
    expect(await read()).not.toHaveProperty("A");
    expect(await messageOf(upsert({ D: 5 }, false))).toBe("Problem processing request");
  });
});

test("every field of the schema is answered by every query", async () => {
  const make = makerOf(fake);
  const place = await make.service({ source: { image: "agent:1" }, healthcheckPath: "/health" });
  const { projectId, environmentId, serviceId } = place;
  const deploymentId = await make.deploy(place);
  for (const done of [
    `serviceDomainCreate(input: { serviceId: "${serviceId}", environmentId: "${environmentId}" }) { id }`,
    `volumeCreate(input: { projectId: "${projectId}", environmentId: "${environmentId}", serviceId: "${serviceId}", mountPath: "/data" }) { id }`,
    `projectTokenCreate(input: { projectId: "${projectId}", environmentId: "${environmentId}", name: "t" })`,
  ])
    expect((await ask(`mutation { ${done} }`)).errors).toBeUndefined();
  fake.controls.advance(300);
  const ids: Record<string, string> = { projectId, environmentId, serviceId, deploymentId };
  ids["workspaceId"] = ours().id;
  const byType: Record<string, string> = {
    Project: projectId,
    Environment: environmentId,
    Service: serviceId,
  };
  byType["Deployment"] = deploymentId;
  const ofProject = askerOf(fake, { "project-access-token": fake.controls.projectToken(environmentId) });
  for (const field of Object.values(loadSchema().getQueryType()!.getFields())) {
    const given = field.args.flatMap(({ name, type }) => {
      if (name === "input") return [`input: { serviceId: "${serviceId}" }`];
      if (name === "measurements") return ["measurements: [MEMORY_USAGE_GB, CPU_USAGE]"];
      if (name === "startDate") return [`startDate: "${new Date().toISOString()}"`];
      if (name === "id") return [`id: "${byType[getNamedType(field.type).name]}"`];
      const isNeeded = !isNullableType(type) || (name === "projectId" && field.name !== "environment");
      return isNeeded ? [`${name}: "${ids[name]}"`] : [];
    });
    const args = given.length > 0 ? `(${given.join(", ")})` : "";
    const as = field.name === "projectToken" ? ofProject : ask;
    const answer = await as<Record<string, unknown>>(
      `{ ${field.name}${args} ${selectionOf(field.type, 6)} }`,
    );
    expect({ field: field.name, errors: answer.errors }).toEqual({ field: field.name, errors: undefined });
    // An image is not built.
    if (field.name !== "buildLogs") expect(answer.data[field.name]).not.toEqual([]);
  }
});

/** All that a type has, down to a depth; what has arguments it needs is left out. */
function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return "";
  const parts = Object.values(named.getFields()).flatMap((field) => {
    if (!isObjectType(getNamedType(field.type))) return [field.name];
    return depth > 1 ? [`${field.name} ${selectionOf(field.type, depth - 1)}`] : [];
  });
  return `{ __typename ${parts.join(" ")} }`;
}
