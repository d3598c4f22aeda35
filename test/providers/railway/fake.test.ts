import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { getNamedType, type GraphQLOutputType, isNullableType, isObjectType } from "graphql";
import { loadSchema } from "../../fakes/railway/load-schema.ts";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { type Ask, askerOf, bearer, makerOf, messageOf } from "./ask.ts";

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
    const { data } = await ask<{ environmentCreate: { id: string } }>(
      `mutation { environmentCreate(input: { projectId: "${one.id}", name: "staging" }) { id } }`,
    );
    fake.controls.advance(10);
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
      `{ environment(id: "${data.environmentCreate.id}") { id } }`,
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
    expect(fake.controls.projects().map(({ name }) => name)).toEqual(["theirs"]);
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
