import { expect, test } from "bun:test";
import { orderDepartment } from "../../examples/typed-client.ts";
import { testEdge } from "../http/edge.ts";

test("the typed client's example orders a department and reads it back from a real server", async () => {
  const edge = await testEdge();
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: edge.app.fetch });
  try {
    const department = await orderDepartment(`http://127.0.0.1:${server.port}`, edge.adminKey);
    const status: string = department.status;
    expect([department.department_id, status]).toEqual(["typed", "provisioning"]);
  } finally {
    await server.stop(true);
    await edge.close();
  }
});
