// Every file that git has or would take.
import { findSecrets } from "./find-secrets.ts";

// A clone may belong to someone else than the one who tests it.
const git = Bun.spawn(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"]);
const paths = (await new Response(git.stdout).text()).split("\0").filter(Boolean);
if ((await git.exited) !== 0 || paths.length === 0)
  throw new Error("git lists no files: nothing was scanned.");

const found: string[] = [];
for (const path of new Set(paths)) {
  const file = Bun.file(path);
  if (await file.exists()) found.push(...(await findSecrets(path, await file.text())));
}
for (const line of found) console.log(line);
process.exitCode = found.length > 0 ? 1 : 0;
