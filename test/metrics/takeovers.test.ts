import { afterAll, beforeAll, expect, test } from "bun:test";
import { claimRuns } from "../../src/provisioning/claim.ts";
import { type Edge, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

test("a run claimed from a worker that died counts as taken over; a new one and one handed back do not", async () => {
  const [dead, fresh, waiting] = [Bun.randomUUIDv7(), Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  const ago = edge.sql`now() - interval '1 second'`;
  for (const [id, status, owner, leased, wake] of [
    [dead, "running", "gone", ago, null],
    [fresh, "queued", null, null, null],
    [waiting, "waiting", null, null, ago],
  ] as const) {
    const department = await edge.addDepartment();
    await edge.sql`
      insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, lease_owner,
        lease_until, wake_at, epoch)
      values (${id}, ${department.id}, 'upgrade', ${status}, '', '', '', ${owner}, ${leased}, ${wake}, 1)`;
  }
  expect(await claimRuns(edge.deps.db.engine, "worker", ["upgrade"], 10)).toHaveLength(3);
  const rows = await edge.sql<{ id: string; takeovers: number }[]>`select id, takeovers from federation.run`;
  const counts = Object.fromEntries(rows.map(({ id, takeovers }) => [id, takeovers]));
  expect(counts).toEqual({ [dead]: 1, [fresh]: 0, [waiting]: 0 });
});
