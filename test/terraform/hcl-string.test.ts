import { expect, test } from "bun:test";
import fc from "fast-check";
import { tmpdir } from "node:os";
import { hclString } from "../../src/terraform/hcl-string.ts";
import { parseHcl } from "../deploy/parse-hcl.ts";
import { runTerraform, terraform } from "../deploy/run-terraform.ts";

const hostile = [
  ...[
    "${",
    "$${x}",
    "$$${x}",
    "%{if true}",
    "%%{",
    "%%%{x}",
    "\\${x}",
    "$".repeat(9),
    "a\nb = 1",
    '"',
    '\\"',
    "\\",
  ],
  ...["\r\n", "\t", "\0", "\u2028", "\u0085", "~}", "<<EOT\nEOT", "# x", "/*", "é", "😀", ""],
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...hostile, ..."${}%~"), fc.string({ unit: "grapheme", maxLength: 3 })))
  // Terraform composes characters.
  .map((parts) => parts.join("").normalize("NFC"));

test("a text of whatever characters stays one string, and what comes after it what it was", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const attributes = await parseHcl(`a = ${hclString(text)}\nb = "after"\n`);
      // The parser answers what only looks like the beginning of a template as it has to be written: doubled.
      const read = String(attributes["a"]).replaceAll(/([$%])\1\{/g, "$1{");
      expect([Object.keys(attributes), read, attributes["b"]]).toEqual([["a", "b"], text, "after"]);
    }),
    { numRuns: 200 },
  );
});

test.skipIf(terraform === null)("terraform reads from the string exactly the text", async () => {
  const sample = [...hostile, ...fc.sample(texts, 1000)];
  const question = `base64encode(jsonencode([${sample.map(hclString).join(", ")}]))\n`;
  const { out } = await runTerraform(tmpdir(), ["console"], question);
  expect(JSON.parse(Buffer.from(out, "base64").toString())).toEqual(sample);
});
