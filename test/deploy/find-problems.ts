import { z } from "zod";
import { parseHcl } from "./parse-hcl.ts";
import { conflicts, railwayProvider, type Shape } from "./railway-provider.ts";

const block = z.record(z.string(), z.json());
const labelled = z.record(z.string(), z.array(block)).default({});

const module = z.object({
  resource: z.record(z.string(), labelled).default({}),
  variable: labelled,
  output: labelled,
  locals: z.array(block).default([]),
  import: z
    .union([z.array(block), block.transform((one) => [one])])
    .default([])
    .pipe(z.array(z.object({ to: z.string(), id: z.string() }))),
});
export type Module = z.infer<typeof module>;

/** What a module consists of. */
export async function parseModule(hcl: string): Promise<Module> {
  return module.parse(await parseHcl(hcl));
}

/** What Terraform, the provider, or we, would refuse; empty for a good module. */
export async function findProblems(hcl: string): Promise<string[]> {
  const parsed = await parseModule(hcl);
  return [
    ...resourcesOf(parsed).flatMap(({ type, name, body }) => shapeProblems(`${type}.${name}`, type, body)),
    ...referenceProblems(parsed),
    ...importProblems(parsed),
    ...secretProblems(parsed),
  ];
}

interface Resource {
  type: string;
  name: string;
  body: z.infer<typeof block>;
}

export const resourcesOf = ({ resource }: Module): Resource[] =>
  Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, bodies]) => bodies.map((body) => ({ type, name, body }))),
  );

const metaArguments = ["count", "for_each", "depends_on", "provider", "lifecycle"];

function shapeProblems(place: string, type: string, body: z.infer<typeof block>): string[] {
  const shape = railwayProvider[type];
  if (!shape) return [`${place}: the provider has no ${type}`];
  const set = Object.fromEntries(Object.entries(body).filter(([name]) => !metaArguments.includes(name)));
  const both = conflicts.filter(([one, other]) => one in set && other in set);
  return [
    ...argumentProblems(place, shape, set),
    ...both.map(([one, other]) => `${place}: ${one} conflicts with ${other}`),
  ];
}

function argumentProblems(place: string, shape: Shape, set: z.infer<typeof block>): string[] {
  const missing = shape.required.filter((name) => !(name in set));
  const unknown = Object.keys(set).filter((name) => ![...shape.required, ...shape.optional].includes(name));
  const nested = Object.entries(shape.inside ?? {}).flatMap(([name, inner]) =>
    [set[name] ?? []].flat().flatMap((value) => {
      const object = block.safeParse(value);
      return object.success ? argumentProblems(`${place}.${name}`, inner, object.data) : [];
    }),
  );
  return [
    ...missing.map((name) => `${place}: ${name} is required`),
    ...unknown.map((name) => `${place}: there is no ${name}`),
    ...nested,
  ];
}

/** Everything that is named has to be there, and every variable has to be named. */
function referenceProblems(parsed: Module): string[] {
  const { variable, locals, output, resource } = parsed;
  const text = expressionsOf([resource, locals, output, variable]).join("\n");
  const named = (prefix: string) =>
    new Set([...text.matchAll(new RegExp(`\\b${prefix}\\.(\\w+)`, "g"))].map((match) => match[1] ?? ""));
  const localNames = locals.flatMap((one) => Object.keys(one));
  const things = [...text.matchAll(/\b(railway_\w+)\.([\w-]+)(?:\[[^\]]*\])?(?:\.(\w+))?/g)];
  return [
    ...[...named("var")].filter((name) => !(name in variable)).map((name) => `var.${name} is not declared`),
    ...[...named("local")]
      .filter((name) => !localNames.includes(name))
      .map((name) => `local.${name} is not declared`),
    ...Object.keys(variable)
      .filter((name) => !named("var").has(name))
      .map((name) => `var.${name} is not used`),
    ...things.flatMap(([whole, type = "", name = "", attribute]) => {
      if (resource[type]?.[name] === undefined) return [`${whole} is not declared`];
      return attribute === undefined || has(type, attribute) ? [] : [`${whole}: there is no ${attribute}`];
    }),
    ...loopProblems(text),
  ];
}

function has(type: string, attribute: string): boolean {
  const { required = [], optional = [], computed = [] } = railwayProvider[type] ?? {};
  return [...required, ...optional, ...computed].includes(attribute);
}

/** Attributes read in `for x in railway_y.z`. */
function loopProblems(text: string): string[] {
  const loops = [...text.matchAll(/\bfor (\w+) in (railway_\w+)\./g)];
  return loops.flatMap(([, item = "", type = ""]) =>
    [...text.matchAll(new RegExp(`(?<![\\w.])${item}\\.(\\w+)`, "g"))]
      .map((match) => match[1] ?? "")
      .filter((attribute) => !has(type, attribute))
      .map((attribute) => `${type}: there is no ${attribute}`),
  );
}

function expressionsOf(value: z.core.util.JSONType | Module[keyof Module]): string[] {
  if (typeof value === "string")
    return [...value.matchAll(/(?<!\$)\$\{([^]*)\}/g)].map((match) => match[1] ?? "");
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((inner) => expressionsOf(inner));
}

function importProblems({ import: imports, resource }: Module): string[] {
  const targets = imports.map(({ to }) => to.replace(/^\$\{(.*)\}$/, "$1"));
  return targets.flatMap((target, at) => {
    const [type = "", name = ""] = target.split(".");
    const twice = targets.indexOf(target) !== at ? [`${target} is imported twice`] : [];
    return resource[type]?.[name] === undefined ? [...twice, `${target} is imported, not declared`] : twice;
  });
}

const opens = /password|secret|token|kek|api_key|database\w*_url|registry$/i;

/** What opens something is a sensitive variable, and a setting of such a name comes from one. */
function secretProblems(parsed: Module): string[] {
  const { variable, locals } = parsed;
  const isSensitive = (name: string) => variable[name]?.[0]?.["sensitive"] === true;
  const open = Object.keys(variable).filter((name) => opens.test(name) && !isSensitive(name));
  const settings = [
    ...locals.flatMap(entriesOf),
    ...resourcesOf(parsed).flatMap(({ body }) => entriesOf(body)),
  ];
  const literal = settings.filter(([name, value]) => {
    const variables = [...value.matchAll(/\bvar\.(\w+)/g)].map((match) => match[1] ?? "");
    return opens.test(name) && !variables.some(isSensitive);
  });
  return [
    ...open.map((name) => `var.${name} is not sensitive`),
    ...literal.map(([name]) => `${name} is not from a sensitive variable`),
  ];
}

/** Names with their text, of objects inside, too, and of objects inside of an expression such as `merge`. */
function entriesOf(value: z.core.util.JSONType): [string, string][] {
  if (typeof value === "string")
    return [...value.matchAll(/^\s*(\w+)\s*= (.+)$/gm)].map(([, name = "", text = ""]) => [name, text]);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]): [string, string][] =>
    typeof inner === "string" ? [[name, inner], ...entriesOf(inner)] : entriesOf(inner),
  );
}
