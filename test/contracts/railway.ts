// What the client relies on, of Railway and of its fake. It makes one project, and removes it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RailwayPace } from "../../src/providers/railway/pace.ts";
import type {
  RailwayCall,
  RailwayClient,
  RailwayProject,
  ServicePlace,
} from "../../src/providers/railway/railway.ts";
import { RailwayError } from "../../src/providers/railway/railway-error.ts";

export interface RailwayUnderTest {
  client: RailwayClient;
  pace: RailwayPace;
  workspaceId: string;
  close(): Promise<void>;
}

// Small, public, and it answers GET / on port 80.
const image = "nginx:1.29-alpine";
const variables = { PORT: "80", FIRST: "one", SECOND: 'two "quoted"\nlines' };

export function describeRailwayContract(name: string, make: () => Promise<RailwayUnderTest>): void {
  describe(`Railway: ${name}`, () => {
    let under: RailwayUnderTest;
    let client: RailwayClient;
    let call: RailwayCall;
    let project: RailwayProject;
    let at: ServicePlace;

    beforeAll(async () => {
      under = await make();
      ({ client } = under);
      const { workspaceId } = under;
      call = { holder: "contract", workspaceId, signal: new AbortController().signal };
      project = await client.createProject(
        { workspaceId, name: projectName, description, environmentName: "staging" },
        call,
      );
      const environmentId = project.environments[0]?.id ?? "";
      const service = { projectId: project.id, environmentId, name: "agent" };
      const { id: serviceId } = await eventually(() => client.createService(service, call));
      at = { projectId: project.id, environmentId, serviceId };
    });
    afterAll(async () => {
      try {
        if (project) await client.deleteProject(project.id, "now", call);
      } finally {
        await under?.close();
      }
    });

    /** What was made a moment ago may not be there yet; the last look counts. */
    async function eventually<T>(
      look: () => Promise<T | undefined>,
      isThere: (found: T) => boolean = Boolean,
    ): Promise<T> {
      const { lagSeconds, pollSeconds } = under.pace;
      const untilMs = performance.now() + lagSeconds * 3000;
      for (;;) {
        const isLast = performance.now() > untilMs;
        const found = await look().catch((error: unknown) => {
          if (isLast || !isUnseen(error)) throw error;
          return undefined;
        });
        if (found !== undefined && (isLast || isThere(found))) return found;
        if (isLast) throw new Error("What was made does not appear.");
        await Bun.sleep(pollSeconds * 200);
      }
    }

    async function deployed(id: string) {
      const untilMs = performance.now() + under.pace.deploySecondsMax * 1000;
      const busy = ["QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "WAITING"];
      for (;;) {
        const found = await eventually(() => client.findDeployment(id, call));
        if (!busy.includes(found.status) || performance.now() > untilMs) return found;
        await Bun.sleep(under.pace.pollSeconds * 1000);
      }
    }

    test("the token's workspaces are told, with their names", async () => {
      const workspaces = await client.listWorkspaces(call);
      expect(workspaces.find(({ id }) => id === under.workspaceId)?.name).toBeString();
    });

    test("a project has the environment and the description it was made with, by its id and in the list", async () => {
      const wanted = { id: project.id, name: projectName, description, workspaceId: under.workspaceId };
      expect(project).toMatchObject(wanted);
      const found = await eventually(() => client.findProject(project.id, call));
      expect(found).toMatchObject(wanted);
      expect(found.environments).toEqual([{ id: at.environmentId, name: "staging" }]);
      const mine = await eventually(
        async () =>
          (await client.listProjects(under.workspaceId, call)).filter(({ id }) => id === project.id),
        ({ length }) => length > 0,
      );
      expect(mine).toMatchObject([wanted]);
    });

    test("a service's name is taken once, and the project tells its services", async () => {
      const again = { projectId: at.projectId, environmentId: at.environmentId, name: "agent" };
      expect(await kindOf(client.createService(again, call))).toBe("exists");
      const found = await eventually(
        () => client.findProject(project.id, call),
        (one) => one.services.length === 1,
      );
      expect(found.services).toEqual([{ id: at.serviceId, name: "agent" }]);
    });

    test("what nobody has is undefined, and an effect on it is unseen", async () => {
      const id = crypto.randomUUID();
      expect(await client.findProject(id, call)).toBeUndefined();
      expect(await client.findDeployment(id, call)).toBeUndefined();
      expect(await client.findServiceInstance({ ...at, serviceId: id }, call)).toBeUndefined();
      expect(await kindOf(client.deploy({ ...at, serviceId: id }, call))).toBe("unseen");
      await client.deleteProject(id, "now", call);
      await client.removeDeployment(id, call);
    });

    test("a service is set up, deployed once when that is asked for, and taken off", async () => {
      await client.setVariables(at, { PORT: "80", OLD: "goes" }, call);
      await client.setVariables(at, variables, call);
      await client.setLimits(at, { memoryGb: 0.5, vcpus: 0.5 }, call);
      await client.updateServiceInstance(at, { healthcheckPath: "/", healthcheckTimeout: 120 }, call);
      await client.updateServiceInstance(at, { source: { image }, drainingSeconds: 5 }, call);
      const instance = await eventually(
        () => client.findServiceInstance(at, call),
        (one) => one.image === image,
      );
      expect(instance).toMatchObject({ image, healthcheckPath: "/" });
      expect(await client.listDeployments(at, 10, call)).toEqual([]);

      const id = await client.deploy(at, call);
      expect(await deployed(id)).toMatchObject({ id, status: "SUCCESS", isStopped: false });
      expect((await client.listDeployments(at, 10, call)).map((one) => one.id)).toEqual([id]);
      expect((await client.listLogLines(id, 5, call)).length).toBeLessThanOrEqual(5);

      await client.removeDeployment(id, call);
      await client.removeDeployment(id, call);
      const left = await eventually(
        () => client.listDeployments(at, 10, call),
        (all) => all.every(({ status }) => status.startsWith("REMOV")),
      );
      expect(left.filter(({ status }) => !status.startsWith("REMOV"))).toEqual([]);
    });

    test("a service gets one address, which is listed", async () => {
      expect(await client.listDomains(at, call)).toEqual([]);
      const made = await client.createDomain(at, 80, call);
      const listed = await eventually(
        () => client.listDomains(at, call),
        ({ length }) => length > 0,
      );
      expect(listed.map(({ id, domain }) => ({ id, domain }))).toEqual([
        { id: made.id, domain: made.domain },
      ]);
    });

    test("what a project used is told by measurement, and is nothing below zero", async () => {
      const to = new Date();
      const from = new Date(to.getTime() - 86_400_000);
      const used = await client.readUsage(project.id, { from, to }, call);
      expect(used.filter(({ value }) => value < 0)).toEqual([]);
    });

    test("a deleted project is gone from the list and by its id, and may be deleted again", async () => {
      await client.deleteProject(project.id, "now", call);
      const there = async () =>
        (await client.listProjects(under.workspaceId, call)).some(({ id }) => id === project.id);
      expect(await eventually(there, (isThere) => !isThere)).toBe(false);
      expect(await client.findProject(project.id, call)).toBeUndefined();
      await client.deleteProject(project.id, "now", call);
    });
  });
}

/** Of the names of the projects it makes. */
export const contractPrefix = "federation-contract-";

const projectName = `${contractPrefix}${crypto.randomUUID().slice(0, 8)}`;
const description = "Made by a test of Federation, which removes it again.";

const isUnseen = (error: unknown) => error instanceof RailwayError && error.kind === "unseen";

async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return error instanceof RailwayError ? error.kind : String(error);
  }
}
