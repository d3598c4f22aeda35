import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FederationError } from "../../src/errors.ts";
import type { AgentSpec, Host, HostCall } from "../../src/providers/hosts/host.ts";

export interface HostUnderTest {
  host: Host;
  /** A department that exists and has nothing on the host yet, with variables its agent can run on. */
  makeSpec(): Promise<AgentSpec>;
  /** What of the department runs right now: which instance, with which release. */
  running(departmentId: string): Promise<{ instance: string; release: string } | undefined>;
  /** Changes the variable at the host, past us, as somebody with access to it would. */
  changeByHand(spec: AgentSpec, name: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** What every host guarantees, the real one and its fake alike. */
export function describeHostContract(name: string, make: () => Promise<HostUnderTest>) {
  describe(`host contract: ${name}`, () => {
    let world: HostUnderTest;
    let host: Host;
    beforeAll(async () => {
      world = await make();
      host = world.host;
    });
    afterAll(() => world.close());

    async function deployed(): Promise<{ spec: AgentSpec; url: string }> {
      const spec = await world.makeSpec();
      await host.ensureProject(spec, call());
      await host.ensureService(spec, call());
      await host.setVariables(spec, call());
      return { spec, ...(await host.deploy(spec, call())) };
    }

    async function untilReady(departmentId: string) {
      for (
        let health = await healthOf(departmentId);
        health.status !== "ready";
        health = await healthOf(departmentId)
      ) {
        await Bun.sleep(20);
      }
    }
    const healthOf = (departmentId: string) => host.health(departmentId, new AbortController().signal);

    test("making project and service twice makes each once, owned by the department, and nothing runs yet", async () => {
      const spec = await world.makeSpec();
      const first = [await host.ensureProject(spec, call()), await host.ensureService(spec, call())];
      const second = [await host.ensureProject(spec, call()), await host.ensureService(spec, call())];
      expect(second).toEqual(first);
      expect(first.map(({ departmentId }) => departmentId)).toEqual([spec.departmentId, spec.departmentId]);
      const owned = (await host.listOwned(signal())).filter(
        ({ departmentId }) => departmentId === spec.departmentId,
      );
      expect(owned).toEqual(await host.inspect(spec.departmentId, signal()));
      expect(owned).toContainEqual(first[1]!);
      expect(await world.running(spec.departmentId)).toBeUndefined();
      expect((await healthOf(spec.departmentId)).status).not.toBe("ready");
    });

    test("a deployed agent becomes ready, and deploying it again changes nothing", async () => {
      const { spec, url } = await deployed();
      expect(url).toMatch(/^https?:\/\//);
      await untilReady(spec.departmentId);
      const before = await world.running(spec.departmentId);
      await host.ensureService(spec, call());
      await host.setVariables(spec, call());
      expect(await host.deploy(spec, call())).toEqual({ url });
      expect(await world.running(spec.departmentId)).toEqual(before!);
    });

    test("after a deploy with other variables and release, these run, in one instance", async () => {
      const { spec } = await deployed();
      await untilReady(spec.departmentId);
      const before = await world.running(spec.departmentId);
      const next = { ...spec, release: "r2", variables: { ...spec.variables, RELEASE: "r2" } };
      await host.setVariables(next, call());
      await host.deploy(next, call());
      await untilReady(spec.departmentId);
      const after = await world.running(spec.departmentId);
      expect(after?.release).toBe("r2");
      expect(after?.instance).not.toBe(before!.instance);
    });

    test("a variable changed by hand is found by drift, without its value, and put right by the next deploy", async () => {
      const { spec } = await deployed();
      await untilReady(spec.departmentId);
      expect(await host.drift(spec, signal())).toEqual([]);
      const before = await world.running(spec.departmentId);
      await world.changeByHand(spec, "RELEASE", "canary-of-a-hand");
      await world.changeByHand(spec, "ADDED_BY_HAND", "canary-of-a-hand");
      const found = await host.drift(spec, signal());
      expect(found).toEqual([
        { part: "variable", name: "ADDED_BY_HAND", change: "extra" },
        { part: "variable", name: "RELEASE", change: "changed" },
      ]);
      await host.setVariables(spec, call());
      await host.deploy(spec, call());
      await untilReady(spec.departmentId);
      expect(await host.drift(spec, signal())).toEqual([]);
      const after = await world.running(spec.departmentId);
      expect(after?.release).toBe(before!.release);
      expect(after?.instance).not.toBe(before!.instance);
    });

    test("a restarted agent is another instance of the same release, and one that was stopped stays so", async () => {
      if (!host.restart) return;
      const { spec } = await deployed();
      await untilReady(spec.departmentId);
      const before = await world.running(spec.departmentId);
      await host.restart(spec.departmentId, call());
      // Between the two instances nothing answers.
      const look = () => world.running(spec.departmentId).catch(() => undefined);
      let after = await look();
      while (!after || after.instance === before?.instance) {
        await Bun.sleep(20);
        after = await look();
      }
      expect(after.release).toBe(before?.release ?? "");
      await untilReady(spec.departmentId);
      await host.stop(spec.departmentId, call());
      await host.restart(spec.departmentId, call());
      expect(await world.running(spec.departmentId)).toBeUndefined();
    });

    test("a stopped agent is absent but not forgotten, and a deploy brings it back", async () => {
      const { spec } = await deployed();
      await host.stop(spec.departmentId, call());
      await host.stop(spec.departmentId, call());
      expect(await world.running(spec.departmentId)).toBeUndefined();
      expect((await healthOf(spec.departmentId)).status).toBe("absent");
      expect(await host.inspect(spec.departmentId, signal())).not.toEqual([]);
      await host.deploy(spec, call());
      await untilReady(spec.departmentId);
    });

    test("after destroy nothing is left, and destroying again is fine", async () => {
      const { spec } = await deployed();
      await host.destroy(spec.departmentId, call());
      await host.destroy(spec.departmentId, call());
      expect(await world.running(spec.departmentId)).toBeUndefined();
      expect(await host.inspect(spec.departmentId, signal())).toEqual([]);
      const owned = await host.listOwned(signal());
      expect(owned.some(({ departmentId }) => departmentId === spec.departmentId)).toBe(false);
      expect((await healthOf(spec.departmentId)).status).toBe("absent");
    });

    test("destroying one department leaves the others running", async () => {
      const [one, other] = await Promise.all([deployed(), deployed()]);
      await host.destroy(one.spec.departmentId, call());
      await untilReady(other.spec.departmentId);
    });

    test("a caller that lost its lease changes nothing", async () => {
      const lost = new FederationError("lease_lost", "The lease was lost.", { retryable: true });
      const fenced = { ...call(), fence: () => Promise.reject(lost) };
      const fresh = await world.makeSpec();
      await expect(host.ensureService(fresh, fenced)).rejects.toThrow(lost);
      expect(await host.inspect(fresh.departmentId, signal())).toEqual([]);
      const { spec } = await deployed();
      const before = await world.running(spec.departmentId);
      const next = { ...spec, release: "r2", variables: { ...spec.variables, RELEASE: "r2" } };
      await expect(host.setVariables(next, fenced)).rejects.toThrow(lost);
      await expect(host.deploy(next, fenced)).rejects.toThrow(lost);
      await expect(host.stop(spec.departmentId, fenced)).rejects.toThrow(lost);
      await expect(host.destroy(spec.departmentId, fenced)).rejects.toThrow(lost);
      expect(await world.running(spec.departmentId)).toEqual(before!);
    });

    test("an aborted call ends", async () => {
      const spec = await world.makeSpec();
      await host.ensureProject(spec, call());
      await host.ensureService(spec, call());
      await expect(host.deploy(spec, { ...call(), signal: AbortSignal.abort() })).rejects.toThrow();
    });

    test("variables and deploys of what does not exist are refused for good", async () => {
      const spec = await world.makeSpec();
      for (const refused of [() => host.setVariables(spec, call()), () => host.deploy(spec, call())]) {
        const error = await refused().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(FederationError);
        expect(error).toMatchObject({ retryable: false });
      }
      expect((await healthOf(spec.departmentId)).status).toBe("absent");
    });
  });
}

const signal = () => new AbortController().signal;
const call = (): HostCall => ({
  idempotencyKey: Bun.randomUUIDv7(),
  signal: signal(),
  fence: () => Promise.resolve(),
});
