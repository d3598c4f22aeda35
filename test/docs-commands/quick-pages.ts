/** What everybody runs first, in the order of a reader; the other pages are run by test/long/docs-commands.test.ts. */
export const quickPages: readonly string[] = ["docs/quick-start.md", "README.md"];
