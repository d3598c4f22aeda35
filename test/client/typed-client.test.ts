import { expect, test } from "bun:test";
import { provisionAndAsk } from "../../examples/typed-client.ts";
import { startInstallation } from "../helpers/installation.ts";

test("the typed client's example makes a department at a real server, waits, shows it and asks it", async () => {
  const at = await startInstallation({ workers: 1 });
  try {
    const { department, answer } = await provisionAndAsk(at.url, at.key.reveal());
    const status: string = department.status;
    expect([department.department_id, status]).toEqual(["typed", "active"]);
    const count: number = answer.results_count;
    expect([answer.success, count, answer.results]).toEqual([true, 0, []]);
    const asked = await at.client.get(`/cross-dept/audit-log/${answer.query_id}`);
    expect(asked["events"]).toMatchObject([{ decision: "allowed", source_department_id: "typed" }]);
  } finally {
    await at.close();
  }
}, 60_000);
