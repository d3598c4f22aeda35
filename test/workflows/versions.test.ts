import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { toolNames } from "../../src/config-schema/department.ts";
import { sha256Hex, canonicalJson } from "../../src/crypto/canonical-json.ts";
import type { Json } from "../../src/json.ts";
import { renderWorkflow, workflowKeys } from "../../src/workflows/render-workflow.ts";

const file = join(import.meta.dir, "../snapshots/workflow-versions.json");
const recorded = z.record(z.string(), z.object({ version: z.int(), sha256: z.string() }));

const ctx = {
  environment: "production",
  department: { id: "01890a5d-ac96-774b-bcce-b302099a8057", slug: "hr", name: "HR", suffix: "abcdefghijkl" },
  federationUrl: "https://federation.example.com",
  pathPrefix: "prefix",
  credentials: { api: { id: "a", name: "a" }, hook: { id: "h", name: "h" }, mcp: { id: "m", name: "m" } },
  enabledTools: [...toolNames],
};
const ids = Object.fromEntries(toolNames.map((name) => [name, "id"]));

/** `UPDATE_VERSIONS=1` writes the file anew, and refuses where the version was not raised. */
test("a workflow that renders differently has another version, by which an upgrade finds it", async () => {
  const before = recorded.parse(await Bun.file(file).json());
  const now = Object.fromEntries(
    workflowKeys(toolNames).map((key) => {
      const { version, definition } = renderWorkflow(key, ctx, ids);
      const rendered = JSON.parse(JSON.stringify(definition)) as Json;
      return [key, { version, sha256: sha256Hex(canonicalJson(rendered)) }];
    }),
  );
  const unraised = Object.entries(now).filter(
    ([key, { version, sha256 }]) => before[key]?.version === version && before[key].sha256 !== sha256,
  );
  expect(unraised.map(([key]) => `raise the version in templates/n8n/${key}.json`)).toEqual([]);
  if (process.env["UPDATE_VERSIONS"] === "1") await Bun.write(file, `${JSON.stringify(now, null, 2)}\n`);
  else expect(now).toEqual(before);
});
