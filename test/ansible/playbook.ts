// What an operator makes of templates/ansible by its README: a copy with inventory, vault, settings and certificates.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { execute } from "./execute.ts";
import type { Machines } from "./machines.ts";

export const template = join(import.meta.dir, "../../templates/ansible");

const host = z.object({
  changed: z.boolean().default(false),
  failed: z.boolean().default(false),
  unreachable: z.boolean().default(false),
  msg: z.unknown().optional(),
});
const report = z.object({
  plays: z.array(
    z.object({
      tasks: z.array(z.object({ task: z.object({ name: z.string() }), hosts: z.record(z.string(), host) })),
    }),
  ),
  stats: z.record(z.string(), z.object({ ok: z.number() })),
});

export interface Run {
  /** All that it printed. */
  output: string;
  ok: number;
  /** "host: task: what it said" for whatever failed. */
  failed: string[];
  /** "host: task" for whatever changed something. */
  changed: string[];
}

export interface Playbooks {
  directory: string;
  secrets: Readonly<Record<string, string>>;
  run(playbook: string, ...args: string[]): Promise<Run>;
}

/** `settings` override group_vars/all; `inventory` is what inventory.yml says. */
export async function preparePlaybooks(
  machines: Machines,
  inventory: object,
  settings: object,
): Promise<Playbooks> {
  const directory = join(machines.directory, "ansible");
  await cp(template, directory, { recursive: true });
  const secrets = await writeVault(directory);
  await writeFile(join(directory, "inventory.yml"), JSON.stringify(inventory));
  await mkdir(join(directory, "settings"));
  await writeFile(join(directory, "settings/test.json"), JSON.stringify(settings));
  const ssh = `-o UserKnownHostsFile=${machines.knownHosts} -o ControlMaster=auto -o ControlPersist=120`;
  const environment = {
    ANSIBLE_STDOUT_CALLBACK: "ansible.posix.json",
    ANSIBLE_PRIVATE_KEY_FILE: machines.key,
    ANSIBLE_SSH_ARGS: ssh,
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(machines.directory, "ssh"),
    ANSIBLE_VAULT_PASSWORD_FILE: join(machines.directory, "vault-password"),
    ANSIBLE_HOME: join(machines.directory, "ansible-home"),
  };
  return {
    directory,
    secrets,
    async run(playbook, ...args) {
      const command = ["ansible-playbook", playbook, "-e", "@settings/test.json", ...args];
      const child = Bun.spawn(machines.inside(command, directory), {
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      await child.exited;
      return summarise(output, errors);
    },
  };
}

async function writeVault(directory: string): Promise<Record<string, string>> {
  const example = await Bun.file(join(directory, "vault.example.yml")).text();
  const names = [...example.matchAll(/^(vault_\w+): ""$/gm)].map((match) => match[1] ?? "");
  const secrets = Object.fromEntries(names.map((name) => [name, randomBytes(32).toString("hex")]));
  const file = join(directory, "group_vars/all/vault.yml");
  const password = join(directory, "../vault-password");
  await writeFile(password, randomBytes(32).toString("hex"), { mode: 0o600 });
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  await execute(["ansible-vault", "encrypt", "--vault-password-file", password, file], { cwd: directory });
  return secrets;
}

/** Throws with what failed tasks said, when something printed no report or did not get through. */
function summarise(output: string, errors: string): Run {
  const start = output.indexOf("{\n");
  if (start < 0) throw new Error(`Ansible answered nothing:\n${`${output}\n${errors}`.slice(-3000)}`);
  const { plays, stats } = report.parse(JSON.parse(output.slice(start)));
  const results = plays
    .flatMap((play) => play.tasks)
    .flatMap(({ task, hosts }) =>
      Object.entries(hosts).map(([name, result]) => ({ ...result, line: `${name}: ${task.name}` })),
    );
  const failed = results.filter((result) => result.failed || result.unreachable);
  return {
    output: output + errors,
    ok: Object.values(stats).reduce((total, { ok }) => total + ok, 0),
    failed: failed.map(({ line, msg }) => `${line}: ${String(msg)}`),
    changed: results.filter(({ changed }) => changed).map(({ line }) => line),
  };
}
