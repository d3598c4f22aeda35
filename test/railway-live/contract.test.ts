// Against Railway, with the token of RAILWAY_API_TOKEN; run by `npm run test:railway`. It costs a few cents of an hour.
import postgres from "postgres";
import { createCallBudgets } from "../../src/call-budgets/call-budgets.ts";
import { createRailwayClient } from "../../src/providers/railway/create-railway-client.ts";
import { railwayPace } from "../../src/providers/railway/pace.ts";
import type { RailwayClient } from "../../src/providers/railway/railway.ts";
import { contractPrefix, describeRailwayContract } from "../contracts/railway.ts";
import { describeRailwaySchema } from "../contracts/railway-schema.ts";
import { testDatabase } from "../helpers/postgres.ts";
import { givenRailway } from "./given-railway.ts";

const given = givenRailway();

describeRailwaySchema("Railway", () =>
  Promise.resolve({ url: given.endpoint, close: () => Promise.resolve() }),
);

describeRailwayContract("Railway", async () => {
  const database = await testDatabase();
  const sql = postgres(database.appUrl, { max: 2, connection: { role: "federation_app" } });
  const { callsPerHour, callsPerSecond } = given;
  // Nobody else waits for the tests' calls.
  const pace = { ...railwayPace, callsPerHour, callsPerSecond, waitInPlaceSeconds: 60 };
  const client = createRailwayClient({
    ...given,
    pace,
    budgets: createCallBudgets(sql, { lateSeconds: 60 }),
  });
  const workspaceId = await emptiedWorkspace(client);
  return {
    client,
    pace,
    workspaceId,
    async close() {
      await sql.end();
      await database.close();
    },
  };
});

/** The first workspace, without what an earlier run may have left there. */
async function emptiedWorkspace(client: RailwayClient): Promise<string> {
  const call = { holder: "contract", signal: new AbortController().signal };
  const [workspace] = await client.listWorkspaces(call);
  if (!workspace) throw new Error("The token reaches no workspace.");
  for (const { id, name } of await client.listProjects(workspace.id, call))
    if (name.startsWith(contractPrefix)) await client.deleteProject(id, "now", call);
  return workspace.id;
}
