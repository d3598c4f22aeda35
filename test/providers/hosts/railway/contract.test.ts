import { describeHostContract } from "../../../contracts/host.ts";
import { openRailwayHostWorld } from "./world.ts";

describeHostContract("railway, on the fake", async () => {
  const world = await openRailwayHostWorld();
  return {
    host: world.host,
    makeSpec: () => world.makeSpec({ release: "r1" }),
    running: (departmentId) => Promise.resolve(world.running(departmentId)),
    changeByHand(spec, name, value) {
      world.changeByHand(spec, name, value);
      return Promise.resolve();
    },
    close: world.close,
  };
});
