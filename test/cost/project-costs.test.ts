import { expect, test } from "bun:test";
import { chartOf } from "../../src/cost/chart.ts";
import { estimateDepartment } from "../../src/cost/estimate-department.ts";
import { parsePriceBook, readPriceBook } from "../../src/cost/price-book.ts";
import { projectCosts } from "../../src/cost/project-costs.ts";

const book = await readPriceBook();
const projection = projectCosts(book);
const dollar = 1_000_000;

test("the book gives the published anchors, and says what drives them", () => {
  const { railway, machines } = projection.per_department;
  expect(railway.month_micro_usd).toBeWithin(150 * dollar, 250 * dollar);
  expect(machines.month_micro_usd).toBeWithin(50 * dollar, 100 * dollar);
  expect(projection.break_even_departments).toBeWithin(40, 61);
  expect(projection.drivers).toContain("Railway: memory used (");
  expect(projection.drivers).toContain("Own machines: text to speech (");
  expect(projection.drivers).toContain("of which people");
});

test("one department before the break-even Railway costs no more, at it one's own machines cost less", () => {
  const even = projection.break_even_departments ?? 0;
  const { per_department: each, fixed } = projection;
  const difference = (count: number) =>
    fixed.railway_micro_usd +
    count * each.railway.month_micro_usd -
    (fixed.machines_micro_usd + count * each.machines.month_micro_usd);
  expect(difference(even)).toBeGreaterThan(0);
  expect(difference(even - 1)).toBeLessThanOrEqual(0);
  expect(chartOf(projection).map(({ departments }) => departments)).toContain(even);
});

test("an estimate is the sum of its lines in whole micro-dollars, and nobody who talks costs nothing to talk to", () => {
  const shape = {
    host: "railway",
    cpus: 1,
    memoryMb: 1024,
    replicas: 1,
    n8n: "shared",
    voice: true,
  } as const;
  const { lines, month_micro_usd } = estimateDepartment(book, shape);
  expect(lines.every((line) => Number.isSafeInteger(line.month_micro_usd))).toBe(true);
  expect(month_micro_usd).toBe(lines.reduce((sum, line) => sum + line.month_micro_usd, 0));
  const quiet = estimateDepartment(book, { ...shape, voice: false });
  expect(quiet.lines.every(({ group }) => group === "hosting")).toBe(true);
  expect(estimateDepartment(book, { ...shape, host: "local", voice: false }).month_micro_usd).toBe(0);
});

test("a mistake in the book is named with its path", async () => {
  const text = await Bun.file(`${import.meta.dir}/../../templates/prices.yaml`).text();
  const broken = text.replace("memory: { usd: 10,", "memory: { usd: ten,");
  expect(() => parsePriceBook(broken)).toThrow(/railway\.memory\.usd/);
  expect(() => parsePriceBook("a: [")).toThrow("is not YAML");
});
