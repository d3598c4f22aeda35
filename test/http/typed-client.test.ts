import { expect, test } from "bun:test";
import { createTypedClient } from "../../src/http/typed-client.ts";
import { testEdge } from "./edge.ts";

test("the typed client knows paths, bodies and answers from the routes", async () => {
  const edge = await testEdge();
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: edge.app.fetch });
  try {
    const client = createTypedClient(`http://127.0.0.1:${server.port}`, edge.adminKey);
    const accepted = await client.api.v1["provision-department"].$post({
      query: {},
      json: {
        department_id: "typed",
        department_name: "Typed",
        enabled_tools: ["email"],
        admin_email: "t@example.org",
      },
    });
    expect(accepted.status).toBe(202);
    const shown = await client.api.v1.departments[":id"].$get({ param: { id: "typed" } });
    const department = await shown.json();
    const status: string = department.status;
    expect([department.department_id, status]).toEqual(["typed", "provisioning"]);
  } finally {
    await server.stop(true);
    await edge.close();
  }
});
