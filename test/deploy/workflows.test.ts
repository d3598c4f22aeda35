import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { commands } from "../../src/cli/commands.ts";

/** What .github/workflows promise, read as files. */
const root = join(import.meta.dir, "../..");
const files = ["ci.yml", "images.yml", "deploy.yml", "promote.yml"];

const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string() }),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      environment: z.string().optional(),
      env: z.record(z.string(), z.unknown()).default({}),
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

  test("nothing may be written but packages, and those only by a tag or from main", async () => {
    const { permissions, jobs } = await read(file);
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values(jobs)) {
      if (!job.permissions) continue;
      expect(job.permissions).toEqual({ contents: "read", packages: "write" });
      expect(job.if).toBe(
        file === "deploy.yml" ? "github.ref == 'refs/heads/main'" : "github.ref_type == 'tag'",
      );
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

test.each(["deploy.yml", "promote.yml"])(
  "%s calls commands of fed that there are, with options that there are",
  async (file) => {
    const runs = Object.values((await read(file)).jobs).flatMap((job) =>
      job.steps.flatMap(({ run = "" }) => run),
    );
    const calls = runs.flatMap((run) => [...run.matchAll(/node src\/bootstrap\.mjs ([a-z]+)([^|\n>]*)/g)]);
    expect(calls.length).toBeGreaterThan(1);
    for (const [, name = "", rest = ""] of calls) {
      const synopsis = commands.find((command) => command.name === name)?.synopsis ?? "";
      const [action = ""] = rest.trim().split(" ");
      const words = [...(/^[a-z]+$/.test(action) ? [action] : []), ...(rest.match(/--[a-z-]+/g) ?? [])];
      expect([name, words.filter((word) => !synopsis.includes(word))]).toEqual([name, []]);
    }
  },
);

test("production is reached only through its environment, after staging signed, and no key is in a command line", async () => {
  const { jobs } = await read("promote.yml");
  expect([jobs["prove"]?.environment, jobs["production"]?.environment]).toEqual(["staging", "production"]);
  expect(await Bun.file(join(root, ".github/workflows/promote.yml")).text()).toContain("needs: prove");
  for (const file of ["deploy.yml", "promote.yml"]) {
    for (const { env, environment } of Object.values((await read(file)).jobs)) {
      const secrets = Object.entries(env).filter(([, value]) => String(value).includes("secrets."));
      expect(secrets.map(([name]) => name)).toEqual(environment === undefined ? [] : ["FEDERATION_API_KEY"]);
    }
  }
});
