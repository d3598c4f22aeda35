import { describeRailwayContract } from "../../contracts/railway.ts";
import { describeRailwaySchema } from "../../contracts/railway-schema.ts";
import { startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { fastPace, railwayWorld } from "./railway-world.ts";

describeRailwayContract("the fake", async () => {
  const world = await railwayWorld({ lagSeconds: [1, 4], deploySeconds: [10, 20] });
  const pace = fastPace();
  const { workspaceId } = world;
  return { client: world.connect({ pace }), pace, workspaceId, close: () => world.close() };
});

describeRailwaySchema("the fake", startFakeRailway);
