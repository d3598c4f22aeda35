/** What the image's HEALTHCHECK runs: web has to answer /readyz. Any other process has no address and is well while it runs. */
import { readFile } from "node:fs/promises";
import { isReady } from "./client/ready.ts";
import { loadConfig } from "./config.ts";

const container = await readFile("/proc/1/cmdline", "utf8");
const well = !container.includes("src/server.ts") || (await isReady(`http://127.0.0.1:${loadConfig().port}`));
process.exitCode = well ? 0 : 1;
