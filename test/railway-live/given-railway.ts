import { type Config, loadConfig } from "../../src/config.ts";

/** Railway as its variables name it. Throws in any other command than the one that asks for it. */
export function givenRailway(): Config["railway"] {
  if (!process.env["TEST_RAILWAY_LIVE"])
    throw new Error("Railway itself is asked by `npm run test:railway` only.");
  const named = Object.entries(process.env).filter(([name]) => name.startsWith("RAILWAY_"));
  return loadConfig(Object.fromEntries(named)).railway;
}
