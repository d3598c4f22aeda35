// templates/agent/main.ts, unless a test has broken it: `bun breakable-agent.ts <directory of points>`.
import { existsSync } from "node:fs";
import { join } from "node:path";

const [directory = ""] = process.argv.slice(2);
if (existsSync(join(directory, "agent.broken"))) throw new Error("broken by a test");
await import(new URL("../../templates/agent/main.ts", import.meta.url).pathname);
