import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Edge, testEdge } from "../http/edge.ts";
import { firing, healthy, type Series } from "./alert-cases.ts";
import { furnish } from "./furnish.ts";
import { type ParsedFamily, parseText } from "./parse-text.ts";
import { promtool, runPromtool } from "./promtool.ts";

const root = join(import.meta.dir, "../../templates/monitoring");
const ruleFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.object({ summary: z.string().min(10) }),
        }),
      ),
    }),
  ),
});
const target = z.object({
  refId: z.string(),
  expr: z.string().min(1),
  datasource: z.object({ uid: z.string() }),
});
const dashboardFile = z.object({
  uid: z.literal("federation"),
  title: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.enum(["row", "stat", "timeseries", "table"]),
      title: z.string().min(1),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().min(1), h: z.int().min(1) }),
      targets: z.array(target).optional(),
    }),
  ),
});

const { groups } = ruleFile.parse(Bun.YAML.parse(await Bun.file(join(root, "alerts.yml")).text()));
const rules = groups.flatMap((group) => group.rules);
const dashboard = dashboardFile.parse(await Bun.file(join(root, "dashboard.json")).json());
const charts = dashboard.panels.filter(({ type }) => type !== "row");

let edge: Edge;
let families: Map<string, ParsedFamily>;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-monitoring-"));
  edge = await testEdge();
  const department = await edge.addDepartment();
  await furnish(edge, department.id);
  const body = {
    target_department_id: department.id,
    query_type: "list_events",
    query_params: {},
    reason: "test",
  };
  await edge.call("POST", "/api/v1/cross-dept/query", { key: department.key, body });
  families = parseText((await edge.call("GET", "/metrics", { key: edge.adminKey })).text);
});
afterAll(async () => {
  await edge.close();
  await rm(directory, { recursive: true });
});

/** What Prometheus itself adds to each target, and what is only there while there is an expiry. */
const elsewhere = new Set(["up", "federation_credential_expiry_seconds"]);

/** Every selector of an expression: the metric and the labels it asks for. */
const selectorsOf = (expr: string) =>
  [...expr.matchAll(/\b(up|(?:federation|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = "", labels = ""]) => ({
      name,
      labels: [...labels.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label = ""]) => label),
    }),
  );

const expressions = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...charts.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr }))),
];

describe("what /metrics answers has every metric, and every label, that is asked for by:", () => {
  test.each(expressions)("$of: $expr", ({ expr }) => {
    const selectors = selectorsOf(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { name, labels } of selectors) {
      const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""));
      if (name !== "up") expect([name, family !== undefined]).toEqual([name, true]);
      if (elsewhere.has(name)) continue;
      const known = (family?.samples ?? []).filter((sample) => sample.name === name);
      expect([name, known.length > 0]).toEqual([name, true]);
      const given = new Set(["job", "instance", ...known.flatMap((sample) => Object.keys(sample.labels))]);
      expect([name, labels.filter((label) => !given.has(label))]).toEqual([name, []]);
    }
  });
});

test("every family of the platform is on the dashboard", () => {
  const shown = new Set(
    expressions
      .flatMap(({ expr }) => selectorsOf(expr))
      .map(({ name }) => name.replace(/_(bucket|count)$/, "")),
  );
  const notShown = [...families.keys()].filter((name) => name.startsWith("federation_") && !shown.has(name));
  expect(notShown).toEqual(["federation_audit_checkpoints"]);
});

test("panels have ids of their own, targets on the chosen data source, and do not overlap", () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(dashboard.templating.list).toContainEqual(
    expect.objectContaining({ name: "datasource", type: "datasource" }),
  );
  expect(charts.length).toBeGreaterThan(20);
  for (const { title, targets = [] } of charts) {
    expect([title, targets.length > 0]).toEqual([title, true]);
    expect([title, new Set(targets.map(({ refId }) => refId)).size]).toEqual([title, targets.length]);
    for (const { datasource } of targets) expect(datasource.uid).toBe("${datasource}");
  }
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});

test("every rule has a name of its own, says how bad it is, and is explained in the guide", async () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
  const bad = rules.filter(({ labels }) => !/^(warning|critical)$/.test(labels?.["severity"] ?? ""));
  // It hands on the severity of what it tells.
  expect(bad.map(({ alert }) => alert)).toEqual(["FederationAlertFiring"]);
  const guide = await Bun.file(join(import.meta.dir, "../../docs/guides/monitoring.md")).text();
  expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  expect(Object.keys(firing).toSorted()).toEqual(names.toSorted());
});

describe.skipIf(promtool === null)("promtool", () => {
  const check = async (...args: string[]) => {
    const { exitCode, output } = await runPromtool(args);
    return { exitCode, output: exitCode === 0 ? "" : output };
  };

  test("takes the rules, and the scrape's configuration with them", async () => {
    expect(await check("check", "rules", join(root, "alerts.yml"))).toEqual({ exitCode: 0, output: "" });
    await cp(join(root, "alerts.yml"), join(directory, "alerts.yml"));
    await Bun.write(join(directory, "federation.key"), "key");
    const text = await Bun.file(join(root, "prometheus.yml")).text();
    const config = text.replace("/etc/prometheus/federation.key", join(directory, "federation.key"));
    expect(config).not.toBe(text);
    await Bun.write(join(directory, "prometheus.yml"), config);
    expect(await check("check", "config", join(directory, "prometheus.yml"))).toEqual({
      exitCode: 0,
      output: "",
    });
  });

  test("reads every expression of the dashboard", async () => {
    const queries = charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = queries.map((expr, at) => ({ record: `dashboard:${at}`, expr }));
    const file = join(directory, "dashboard.yml");
    await Bun.write(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    expect(await check("check", "rules", file)).toEqual({ exitCode: 0, output: "" });
  });

  test("lets every rule fire for what it is about, and none on a platform short of every bound", async () => {
    const isFiring = (alert: string) => `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`;
    const tests = [
      caseOf(
        Object.values(firing).flat(),
        rules.map(({ alert }) => ({ expr: isFiring(alert), value: 1 })),
      ),
      caseOf(healthy, [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', value: 0 }]),
    ];
    const file = join(directory, "tests.yml");
    const content = { rule_files: [join(root, "alerts.yml")], evaluation_interval: "1m", tests };
    await Bun.write(file, JSON.stringify(content));
    expect(await check("test", "rules", file)).toEqual({ exitCode: 0, output: "" });
  });
});

const caseOf = (input: readonly Series[], expected: readonly { expr: string; value: number }[]) => ({
  interval: "1m",
  input_series: input.map(([series, values]) => ({ series, values })),
  promql_expr_test: expected.map(({ expr, value }) => ({
    expr,
    eval_time: "90m",
    exp_samples: [{ labels: "{}", value }],
  })),
});
