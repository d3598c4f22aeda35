import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes } from "../../src/cli/exit-codes.ts";

const main = join(import.meta.dir, "../../src/cli/main.ts");
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-doctor-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function doctor(env: Record<string, string>, ...args: string[]) {
  const child = Bun.spawn([process.execPath, main, "doctor", ...args], {
    env: { PATH: process.env["PATH"], DATA_DIR: directory, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

const password = "hidden";
const production = {
  FEDERATION_ENV: "production",
  DATABASE_URL: `postgres://federation_app:${password}@127.0.0.1:1/federation`,
  PUBLIC_URL: "http://assistants.example.com",
};

test("an environment that production refuses is diagnosed, with the remedy of each problem", async () => {
  const { code, out, err } = await doctor(production);
  expect({ code, err }).toEqual({ code: exitCodes.findings, err: "" });
  for (const said of ["PUBLIC_URL: must be https", "Put TLS in front of web", "FEDERATION_KEK: is required"])
    expect(out).toContain(said);
  expect(out).toContain("DATABASE_URL: needs sslmode=verify-full");
  expect(out).not.toContain(password);
});

test("the same is JSON with --json, and an option that does not exist stays a mistake of the caller", async () => {
  const { code, out } = await doctor(production, "--json");
  expect(code).toBe(exitCodes.findings);
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ level: "error", remedy: expect.any(String) }),
  );
  expect((await doctor(production, "--process", "agent")).code).toBe(exitCodes.usage);
});

test("a variable with a value it may not have is told with where its values are listed", async () => {
  const { out } = await doctor({ LOG_LEVEL: "loud" });
  expect(out).toContain("LOG_LEVEL");
  expect(out).toContain("README.md");
});
