import { describeHostContract } from "../../../contracts/host.ts";
import { changeByHand } from "./change-by-hand.ts";
import { agentSpec, openDockerWorld } from "./world.ts";

describeHostContract("docker, on a fake engine", async () => {
  const world = await openDockerWorld();
  return {
    host: world.host,
    makeSpec: () => Promise.resolve(agentSpec()),
    running(departmentId) {
      const [found] = world.running(departmentId);
      const release = found?.environment
        .find((line) => line.startsWith("RELEASE="))
        ?.slice("RELEASE=".length);
      return Promise.resolve(found && { instance: found.instance, release: release ?? "" });
    },
    async changeByHand({ departmentId }, name, value) {
      await changeByHand(world.engine, { environment: "test", departmentId }, name, value);
      const isThere = () =>
        world.running(departmentId).some(({ environment }) => environment.includes(`${name}=${value}`));
      while (!isThere()) await Bun.sleep(5);
    },
    close: world.close,
  };
});
