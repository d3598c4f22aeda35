// For the image: takes out of node_modules what no program reads while it runs. Licences stay. The image's build
// imports the agent afterwards, so that a package that misses something fails there.
import { globSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const unused = [
  // Only for compiling (@livekit/throws-transformer).
  ...["typescript", "@typescript"],
  // Sources and tests beside what was built from them.
  ...["@livekit/*/src", "openai/src", "zod/src", "@livekit/*/dist/**/*.test.{js,cjs}"],
  "fluent-ffmpeg/{OLD,coverage,doc,test,tools}",
];
const unread = /(\.d\.[cm]?ts|\.map|\.md|\.markdown|\.flow)$/i;
const licence = /licen[cs]e|copying|notice/i;

for (const path of globSync(unused, { cwd: "node_modules" })) {
  rmSync(join("node_modules", path), { recursive: true, force: true });
}
for (const entry of readdirSync("node_modules", { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && unread.test(entry.name) && !licence.test(entry.name)) {
    rmSync(join(entry.parentPath, entry.name));
  }
}
