import { afterAll, beforeAll, test } from "bun:test";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { burst } from "./burst.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 2 })));
afterAll(() => at.close());

test("30 departments submitted at once are all active, and each agent knows its own data only", async () => {
  await burst(at, 30);
}, 60_000);
