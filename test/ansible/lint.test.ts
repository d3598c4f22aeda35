import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { z } from "zod";
import { execute } from "./execute.ts";
import { template } from "./playbook.ts";

/** What the files of templates/ansible promise, without a machine. */
const inside = { cwd: template, seconds: 240 };
const read = (path: string) => Bun.file(join(template, path)).text();
const tasks = [...new Glob("roles/*/{tasks,handlers}/*.yml").scanSync(template)].toSorted();
const taskSchema = z.record(z.string(), z.unknown());

test("yamllint and ansible-lint, in its profile for production, find nothing", async () => {
  await execute(["yamllint", "--strict", "."], inside);
  await execute(["ansible-lint", "--strict"], inside);
}, 300_000);

test("both playbooks are understood with the inventory of the example", async () => {
  const playbooks = ["site.yml", "certificates.yml"];
  await execute(["ansible-playbook", "-i", "inventory.example.yml", "--syntax-check", ...playbooks], inside);
}, 120_000);

test("the collections that are pinned are the ones these tests run with", async () => {
  const { collections } = z
    .object({ collections: z.array(z.object({ name: z.string(), version: z.string() })) })
    .parse(Bun.YAML.parse(await read("requirements.yml")));
  const present = z
    .record(z.string(), z.record(z.string(), z.object({ version: z.string() })))
    .parse(JSON.parse(await execute(["ansible-galaxy", "collection", "list", "--format", "json"], inside)));
  const versions = Object.assign({}, ...Object.values(present));
  expect(collections.length).toBeGreaterThan(3);
  for (const { name, version } of collections)
    expect([name, versions[name]?.version]).toEqual([name, version]);
  const used = new Set<string>();
  for (const file of tasks)
    for (const [, name = ""] of (await read(file)).matchAll(
      /\b((?:community|ansible)\.[a-z]+)\.[a-z_0-9]+:/g,
    ))
      used.add(name);
  used.delete("ansible.builtin");
  expect([...used].filter((name) => !collections.some((each) => each.name === name))).toEqual([]);
}, 60_000);

test("every secret of the vault's example is used, and there is none beside", async () => {
  const named = [...(await read("vault.example.yml")).matchAll(/\b(vault_\w+):/g)].map(
    (match) => match[1] ?? "",
  );
  const used = [...(await read("group_vars/all/main.yml")).matchAll(/\bvault_\w+/g)].map(([name]) => name);
  expect([...new Set(used)].toSorted()).toEqual(named.toSorted());
});

test("services are asked of systemd only where there is one, and no failure is passed over", async () => {
  const guard = "ansible_facts.service_mgr == 'systemd'";
  const isGuarded = (when: unknown) => [when].flat().some((each) => String(each).includes(guard));
  const bare: string[] = [];
  for (const file of tasks) {
    const text = await read(file);
    expect(text).not.toContain("ignore_errors");
    if (await importedWithGuard(file.split("/")[1] ?? "", file.split("/").at(-1) ?? "")) continue;
    const services = z
      .array(taskSchema)
      .parse(Bun.YAML.parse(text))
      .filter((task) => "ansible.builtin.systemd" in task);
    bare.push(
      ...services.filter((task) => !isGuarded(task["when"])).map((task) => `${file}: ${task["name"]}`),
    );
  }
  expect(bare).toEqual([]);
});

/** Whether the tasks of a file run only where whoever imports it saw systemd. */
async function importedWithGuard(role: string, name: string): Promise<boolean> {
  const main = z.array(taskSchema).parse(Bun.YAML.parse(await read(`roles/${role}/tasks/main.yml`)));
  return main.some(
    (task) =>
      task["ansible.builtin.import_tasks"] === name &&
      String(task["when"]).includes("service_mgr == 'systemd'"),
  );
}

test("the repository in a bucket has its keys in the configuration of pgBackRest, and nowhere else", async () => {
  const directory = await mkdtemp(join(tmpdir(), "federation-ansible-"));
  try {
    const values = {
      repository: "s3",
      s3_bucket: "backups",
      s3_endpoint: "s3.example.com",
      s3_region: "eu",
      s3_key: "key-id",
    };
    const secrets = { s3_key_secret: "key-secret", cipher_passphrase: "passphrase" };
    const settings = Object.entries({ ...values, ...secrets, retention_full: 4 }).map(([name, value]) => [
      `pgbackrest_${name}`,
      value,
    ]);
    const file = join(directory, "pgbackrest.conf");
    const source = `src=roles/pgbackrest/templates/pgbackrest.conf.j2 dest=${file} mode=0600`;
    const variables = JSON.stringify(Object.fromEntries(settings));
    await execute(
      [
        "ansible",
        "localhost",
        "-i",
        "localhost,",
        "-c",
        "local",
        "-m",
        "ansible.builtin.template",
        "-a",
        source,
        "-e",
        variables,
      ],
      inside,
    );
    const lines = (await Bun.file(file).text()).split("\n");
    expect(lines).toContain("repo1-type=s3");
    expect(lines).toContain("repo1-s3-key-secret=key-secret");
    expect(lines.filter((line) => line !== "" && !/^(#.*|\[\w+\]|[a-z\d-]+=\S+)$/.test(line))).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
