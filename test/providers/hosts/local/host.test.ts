import { describeHostContract } from "../../../contracts/host.ts";
import { openLocalWorld } from "./world.ts";

describeHostContract("local", async () => {
  const world = await openLocalWorld();
  world.startSupervisor();
  return {
    host: world.host,
    makeSpec: world.makeSpec,
    async running(departmentId) {
      const row = await world.row(departmentId);
      if (!row?.pid) return undefined;
      const report = (await (await fetch(`http://127.0.0.1:${row.port}/health`)).json()) as {
        release: string;
      };
      return { instance: String(row.pid), release: report.release };
    },
    changeByHand: world.changeByHand,
    close: world.close,
  };
});
