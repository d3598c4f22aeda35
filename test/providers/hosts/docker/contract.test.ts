import { describeHostContract } from "../../../contracts/host.ts";
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
    close: world.close,
  };
});
