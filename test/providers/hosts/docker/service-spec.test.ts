import { describe, expect, test } from "bun:test";
import { contextOf } from "../../../../src/providers/hosts/docker/context.ts";
import { createEngine } from "../../../../src/providers/hosts/docker/engine.ts";
import { isCovered } from "../../../../src/providers/hosts/docker/is-covered.ts";
import { baseName } from "../../../../src/providers/hosts/docker/names.ts";
import { type ServiceParts, serviceSpec } from "../../../../src/providers/hosts/docker/service-spec.ts";
import { agentSpec } from "./world.ts";

const engine = createEngine({ host: "unix:///nowhere" });
const ctx = contextOf({ engine, imageOf: () => "agent:1", attach: [], environment: "test" });
const secret = { id: "s1", name: "secret-1" };
const parts: ServiceParts = { networkId: "n1", secret, replicas: 2, apiMinor: 41 };
const spec = agentSpec();

describe("a service's spec", () => {
  const { TaskTemplate, ...rest } = serviceSpec(ctx, spec, parts);

  test("leaves the container nothing it does not need", () => {
    expect(TaskTemplate.ContainerSpec).toMatchObject({
      ReadOnly: true,
      CapabilityDrop: ["ALL"],
      User: "1000:1000",
      Init: true,
      Mounts: [{ Type: "tmpfs", Target: "/tmp", TmpfsOptions: { SizeBytes: 67_108_864 } }],
      Secrets: [{ SecretID: "s1", File: { Name: "agent.json", UID: "1000", Mode: 0o400 } }],
    });
    expect(TaskTemplate.Resources.Limits).toEqual({
      NanoCPUs: 500_000_000,
      MemoryBytes: 268_435_456,
      Pids: 256,
    });
    expect(TaskTemplate.LogDriver.Options).toEqual({ "max-size": "10m", "max-file": "2" });
  });

  test("publishes no port and is rolled back when it fails", () => {
    expect(rest.EndpointSpec).toEqual({ Mode: "dnsrr" });
    expect(rest.UpdateConfig).toMatchObject({
      Order: "start-first",
      FailureAction: "rollback",
      Parallelism: 1,
    });
    expect(rest.Mode).toEqual({ Replicated: { Replicas: 2 } });
  });

  test("names its owner on service and container", () => {
    const owner = {
      "federation.environment": "test",
      "federation.department": spec.departmentId,
      "federation.slug": spec.slug,
      "federation.release": "r1",
    };
    expect(rest.Labels).toEqual(owner);
    expect(TaskTemplate.ContainerSpec.Labels).toMatchObject(owner);
  });

  test("forbids new privileges from API 1.44 on, which is the first that can", () => {
    expect(TaskTemplate.ContainerSpec).not.toHaveProperty("Privileges");
    const newer = serviceSpec(ctx, spec, { ...parts, apiMinor: 44 });
    expect(newer.TaskTemplate.ContainerSpec).toMatchObject({ Privileges: { NoNewPrivileges: true } });
  });

  test("is the same for the same variables in any order, and another for another one", () => {
    const reversed = Object.fromEntries(Object.entries(spec.variables).toReversed());
    expect(serviceSpec(ctx, { ...spec, variables: reversed }, parts)).toEqual(serviceSpec(ctx, spec, parts));
    const other = serviceSpec(ctx, { ...spec, variables: { ...spec.variables, RELEASE: "r2" } }, parts);
    expect(other.TaskTemplate.ContainerSpec.Labels).not.toEqual(TaskTemplate.ContainerSpec.Labels);
  });

  test("of more replicas restarts none of those there are", () => {
    expect(serviceSpec(ctx, spec, { ...parts, replicas: 3 }).TaskTemplate).toEqual(TaskTemplate);
  });

  test("lets no variable of a department move the agent's port, host or secrets", () => {
    const variables = { PORT: "1", HOST: "127.0.0.1", SECRETS_FILE: "/tmp/mine", DRAIN_SECONDS: "9999" };
    const { Env } = serviceSpec(ctx, { ...spec, variables }, parts).TaskTemplate.ContainerSpec;
    expect(Env).toEqual([
      "DRAIN_SECONDS=45",
      "HOST=0.0.0.0",
      "PORT=8080",
      "SECRETS_FILE=/run/secrets/agent.json",
    ]);
  });
});

describe("a department's name at the engine", () => {
  test("fits where the engine and DNS want short ones, with the secret's hash too", () => {
    const name = baseName(agentSpec({ slug: "a".repeat(63) }));
    expect(name.length + "-0123456789abcdef".length).toBeLessThanOrEqual(63);
    expect(name).toMatch(/^aio-[a-z0-9-]+-[0-9a-f]{12}$/);
  });

  test("differs for departments of the same slug", () => {
    expect(baseName(agentSpec({ slug: "hr" }))).not.toBe(baseName(agentSpec({ slug: "hr" })));
  });

  test.each(["", "Hr", "-hr", "hr-", "h r", "hr\n", "hr.evil"])("is not made from the slug %j", (slug) => {
    expect(() => baseName(agentSpec({ slug }))).toThrow("slug");
  });
});

describe("a wanted value is covered", () => {
  test("by the same with defaults of the engine, in any order of names", () => {
    expect(
      isCovered({ a: 1, b: { c: [{ d: "x" }] }, e: [] }, { b: { c: [{ f: 0, d: "x" }] }, a: 1, g: {} }),
    ).toBe(true);
  });

  test.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: { b: true } }, {}],
    [{ a: ["x"] }, { a: ["x", "y"] }],
    [{ a: ["x", "y"] }, { a: ["y", "x"] }],
    [{ a: [] }, { a: ["x"] }],
    [{ a: false }, {}],
  ])("not %j by %j", (wanted, actual) => {
    expect(isCovered(wanted, actual)).toBe(false);
  });
});
