import { parseApiKey } from "../../../src/crypto/api-key.ts";
import { legal, mendedRun, parkedRun, runEnded } from "../departments.ts";
import { administratorUrl, kept } from "../kept.ts";
import type { PreparedLine } from "../prepared-line.ts";
import { fieldIn } from "../printed.ts";

export const ofPages: readonly PreparedLine[] = [
  // As the page says: not possible while the department exists.
  { page: "docs/quick-start.md", line: "fed plan -f", exitCode: 8 },
  {
    page: "docs/quick-start.md",
    line: "bun src/cli/main.ts migrate",
    before: async (world) => ({
      set: { DATABASE_ADMIN_URL: await administratorUrl(world), FEDERATION_KEK: await kept(world, "kek") },
    }),
  },
  {
    page: "README.md",
    line: "RUN=...",
    before: async (world, printed) => {
      const run = fieldIn(printed, "provisioning_id");
      await runEnded(world, run);
      return { replace: { "RUN=...": `RUN=${run}` } };
    },
  },
  {
    page: "README.md",
    line: "curl -X PUT $URL/api/v1/departments/legal/documents",
    before: async (_, printed) => ({ set: { DEPT: `authorization: Bearer ${fieldIn(printed, "key")}` } }),
  },
  {
    page: "docs/api.md",
    line: "bun examples/typed-client.ts",
    before: async ({ url }) => ({ set: { URL: url } }),
  },
  {
    page: "docs/api.md",
    line: "curl -X POST $URL/api/v1/token",
    before: async ({ key }) => {
      const { id, secret } = parseApiKey(key);
      return { set: { KEY_ID: id, KEY_SECRET: secret } };
    },
  },
  {
    page: "docs/operations.md",
    line: "fed status",
    before: async (world) => ({ replace: { "<run>": await legal(world) } }),
  },
  {
    page: "docs/operations.md",
    line: "fed retry",
    before: async (world) => ({ replace: { "<run>": await parkedRun(world) } }),
  },
  {
    page: "docs/operations.md",
    line: "fed cancel",
    before: async (world) => ({ replace: { "<run>": await mendedRun(world) } }),
  },
];
