import { afterAll, beforeAll, test } from "bun:test";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { burst } from "../crash/burst.ts";

const testMs = 300_000;
let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 2 })), testMs);
afterAll(() => at.close(), testMs);

test(
  "100 departments submitted at once are all active, and each agent knows its own data only",
  async () => console.log("100 departments, seconds:", await burst(at, 100)),
  testMs,
);
