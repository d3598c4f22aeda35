import { join } from "node:path";
import { Glob } from "bun";

export const root = join(import.meta.dir, "../..");

/** A command of a page's shell block, continued lines joined. */
export interface ShellLine {
  page: string;
  line: string;
}

/** Every command that README.md and docs show in a shell block, in the order of the pages; decisions are history. */
export async function shellLines(): Promise<ShellLine[]> {
  const pages = ["README.md", ...[...new Glob("docs/**/*.md").scanSync(root)].sort()];
  const lists = await Promise.all(
    pages.filter((page) => !page.startsWith("docs/decisions/")).map((page) => linesOf(page)),
  );
  return lists.flat();
}

async function linesOf(page: string): Promise<ShellLine[]> {
  const text = await Bun.file(join(root, page)).text();
  const blocks = [...text.matchAll(/^ *```(?:sh|bash|shell)\n(.*?)^ *```/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.replaceAll("\\\n", " ").split("\n"))
    .map((line) => ({ page, line: line.trim() }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"));
}

/** The arguments of `fed` in a command, without comments, redirections and what comes before or after. */
export function fedArguments(line: string): string | undefined {
  const found =
    /^(?:\S.* )?(?:fed|src\/bootstrap\.mjs|src\/cli\/main\.ts) (?:-- )?([a-z][^#|<>&;]*(?:<[a-z]+>[^#|<>&;]*)*)/.exec(
      line,
    );
  return found?.[1]?.replace(/\s+/g, " ").trim();
}
