import { afterAll, beforeAll, test } from "bun:test";
import { isRun } from "../docs-commands/not-run.ts";
import { quickPages } from "../docs-commands/quick-pages.ts";
import { runPage } from "../docs-commands/run-page.ts";
import { shellLines } from "../docs-commands/shell-lines.ts";
import { type DocsWorld, startDocsWorld } from "../docs-commands/world.ts";

const pages = [...new Set((await shellLines()).filter(isRun).map(({ page }) => page))];

let world: DocsWorld;
beforeAll(async () => {
  world = await startDocsWorld();
}, 60_000);
afterAll(() => world?.close(), 60_000);

test.each(pages.filter((page) => !quickPages.includes(page)))(
  "the commands of %s can be run as they stand",
  (page) => runPage(world, page),
  180_000,
);
