import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What .github/workflows promise, read as files. */
const root = join(import.meta.dir, "../..");
const files = ["ci.yml", "images.yml"];

const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string() }),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      "runs-on": z.string(),
      "timeout-minutes": z.number(),
      permissions: z.record(z.string(), z.string()).optional(),
      strategy: z.object({ matrix: z.record(z.string(), z.unknown()) }).optional(),
      steps: z.array(
        z.object({
          uses: z.string().optional(),
          run: z.string().optional(),
          with: z.record(z.string(), z.unknown()).default({}),
        }),
      ),
    }),
  ),
});

const read = async (file: string) =>
  workflowSchema.parse(Bun.YAML.parse(await Bun.file(join(root, ".github/workflows", file)).text()));

describe.each(files)("%s", (file) => {
  test("every action is pinned by its whole commit, and keeps no token in the checkout", async () => {
    const steps = Object.values((await read(file)).jobs).flatMap((job) => job.steps);
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(1);
    expect(actions.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.filter((step) => step.with["persist-credentials"] !== false)).toEqual([]);
  });

  test("every job is bounded, on a named system, and what it runs is not made of what others write", async () => {
    const { jobs, concurrency } = await read(file);
    expect(concurrency.group).toContain("github.ref");
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(75);
      expect(job["runs-on"]).not.toContain("latest");
      for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
    }
  });

  test("nothing may be written but packages, and those only by a tag", async () => {
    const { permissions, jobs } = await read(file);
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values(jobs)) {
      if (!job.permissions) continue;
      expect(job.permissions).toEqual({ contents: "read", packages: "write" });
      expect(job.if).toBe("github.ref_type == 'tag'");
    }
  });
});

test("what is published is built for both architectures, with its provenance and list of contents", async () => {
  const { jobs } = await read("images.yml");
  const pushes = Object.values(jobs)
    .flatMap((job) => job.steps)
    .filter((step) => step.with["push"] !== undefined);
  expect(pushes.map((step) => step.with)).toMatchObject([
    { push: true, platforms: "linux/amd64,linux/arm64", provenance: "mode=max", sbom: true },
  ]);
});

test("every image that is built has its context, in both jobs the same", async () => {
  const { jobs } = await read("images.yml");
  const matrices = Object.values(jobs).map((job) => job.strategy?.matrix["include"]);
  const images = z.array(z.object({ image: z.string(), context: z.string() })).parse(matrices[0]);
  expect(matrices).toEqual([images, images]);
  expect(images.filter(({ context }) => !existsSync(join(root, context)))).toEqual([]);
});
