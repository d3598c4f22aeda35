import { expect, test } from "bun:test";
import { counter, formatFamilies, gauge } from "../../src/metrics/format.ts";
import { createHistogram } from "../../src/metrics/process/histogram.ts";
import { parseText } from "./parse-text.ts";

test("a label keeps quotes, backslashes and line breaks, and never becomes a line of its own", () => {
  const value = 'a"} 1\nevil{x="\\';
  const text = formatFamilies([gauge("a_b", "One\nline \\", [{ labels: { of: value }, value: 1.5 }])]);
  expect(text).toBe('# HELP a_b One\\nline \\\\\n# TYPE a_b gauge\na_b{of="a\\"} 1\\nevil{x=\\"\\\\"} 1.5\n');
  expect(parseText(text).get("a_b")?.samples).toEqual([{ name: "a_b", labels: { of: value }, value: 1.5 }]);
});

test("a family without series still says that it is there", () => {
  const text = formatFamilies([counter("a_total", "Of a.", []), gauge("b", "Of b.", [{ value: Infinity }])]);
  expect(text).toBe("# HELP a_total Of a.\n# TYPE a_total counter\n# HELP b Of b.\n# TYPE b gauge\nb +Inf\n");
});

test("a histogram's buckets are cumulative, and a value on the bound is inside", () => {
  const histogram = createHistogram({ name: "h", help: "H.", buckets: [0.1, 1] });
  for (const seconds of [0.1, 0.5, 1, 7]) histogram.observe({ of: "a" }, seconds);
  histogram.observe({ of: "b" }, 0.01);
  const samples = parseText(formatFamilies([histogram.family()])).get("h")?.samples ?? [];
  const of = (name: string) => samples.filter((one) => one.labels["of"] === name);
  expect(of("a").map(({ name, labels, value }) => [name, labels["le"], value])).toEqual([
    ["h_bucket", "0.1", 1],
    ["h_bucket", "1", 3],
    ["h_bucket", "+Inf", 4],
    ["h_sum", undefined, 8.6],
    ["h_count", undefined, 4],
  ]);
  expect(of("b").at(-1)?.value).toBe(1);
});
