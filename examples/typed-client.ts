import { createTypedClient } from "../src/client/typed-client.ts";

/** Orders a department and reads it back; paths, bodies and answers are checked by the compiler. */
export async function orderDepartment(url: string, key: string) {
  const { v1 } = createTypedClient(url, key).api;
  const ordered = await v1["provision-department"].$post({
    query: {},
    json: {
      department_id: "typed",
      department_name: "Typed",
      enabled_tools: ["email"],
      admin_email: "typed@example.org",
    },
  });
  if (!ordered.ok) throw new Error(`The order was refused with ${ordered.status}.`);
  const shown = await v1.departments[":id"].$get({ param: { id: "typed" } });
  return shown.json();
}
