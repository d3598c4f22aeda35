import type { ShellLine } from "./shell-lines.ts";

/** Why commands of a page are not run; all of them, or those that begin with `line`. */
interface NotRun {
  page: string;
  line?: string;
  because: string;
}

const needsDocker = "needs Docker; test/docker runs the images";
const moves = "needs Docker; test/docker moves";
const needsAnsible = "needs Ansible and machines; test/ansible has them";
const anotherProcess = "never ends; the installation of this test runs it as a process";

/** What stands here is only parsed: what needs another machine, an account, root, or would end the installation. */
export const notRun: readonly NotRun[] = [
  { page: "docs/deploy/docker.md", line: "docker ", because: needsDocker },
  { page: "docs/deploy/docker.md", line: "stat ", because: "needs the socket of a Docker engine" },
  { page: "docs/deploy/docker.md", line: "git pull", because: "needs the place where the code is kept" },
  { page: "docs/deploy/terraform.md", line: "cd departments && terraform", because: "needs Terraform" },
  { page: "docs/deploy/voice-agent.md", because: "needs Docker; test/voice/image.test.ts builds it" },
  { page: "docs/guides/own-machines.md", line: "ansible-", because: needsAnsible },
  { page: "docs/guides/own-machines.md", line: "docker ", because: needsDocker },
  { page: "docs/guides/own-machines.md", line: "fed move legal --to docker", because: moves },
  {
    page: "docs/guides/promote.md",
    line: "fed rollout start spring",
    because: "waits five minutes after each batch; test/cli/rollout.test.ts runs it without the wait",
  },
  {
    page: "docs/guides/promote.md",
    line: "fed release import",
    because: "needs a second environment; test/releases has two",
  },
  {
    page: "docs/guides/promote.md",
    line: "fed approvals approve",
    because: "needs a second person; test/cli/config-approval.test.ts has one",
  },
  {
    page: "docs/guides/railway.md",
    because: "needs an account at Railway; test/railway-live has one",
  },
  {
    page: "docs/guides/restore.md",
    line: "cp -a .data",
    because: "copies an installation that has ended; the one of this test runs",
  },
  {
    page: "docs/guides/restore.md",
    line: "pg_dumpall",
    because: "needs Postgres' own programs, as new as the server; no package brings them",
  },
  { page: "docs/operations.md", line: "fed move sales --to docker", because: moves },
  { page: "docs/quick-start.md", line: "npm start", because: "is `fed up`, with which this test began" },
  {
    page: "docs/quick-start.md",
    line: "DATABASE_ADMIN_URL=",
    because: "makes roles in a Postgres of yours; test/cli/init.test.ts runs it",
  },
  { page: "docs/quick-start.md", line: "bun src/server.ts", because: anotherProcess },
  { page: "docs/quick-start.md", line: "bun jobs/worker.ts", because: anotherProcess },
  { page: "docs/runbooks/agents-down.md", line: "fed move hr --to docker", because: moves },
];

export const matches = (entry: { page: string; line?: string }, { page, line }: ShellLine): boolean =>
  entry.page === page && line.startsWith(entry.line ?? "");

export const isRun = (shown: ShellLine): boolean => !notRun.some((entry) => matches(entry, shown));
