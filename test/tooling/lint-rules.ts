// House rules that no linter knows, for oxlint (.oxlintrc.json says where each one holds).
// Proven by test/tooling/lint.test.ts on files that break them.
import { posix, relative, sep } from "node:path";

interface Node {
  type: string;
  [key: string]: unknown;
}

interface Context {
  cwd: string;
  filename: string;
  report(problem: { node: Node; message: string }): void;
}

type Visitors = Record<string, (node: Node) => void>;

const rule = (create: (context: Context) => Visitors) => ({ create });

export default {
  meta: { name: "federation" },
  rules: {
    imports: rule(imports),
    environment: rule(environment),
    transaction: rule(transaction),
    "double-cast": rule(doubleCast),
    "test-modifier": rule(testModifier),
  },
};

interface Boundary {
  from: RegExp;
  never: RegExp;
  message: string;
}

/** Paths are relative to the repository; packages are named as they are imported. */
const boundaries: readonly Boundary[] = [
  {
    from: /^/,
    never:
      /^(src\/server\.ts|src\/cli\/main\.ts|src\/bootstrap\.mjs|jobs\/worker\.ts|templates\/agent\/main\.ts)$/,
    message: "Nothing imports an entry point.",
  },
  {
    from: /^(src\/(http|cli|console)|jobs)\//,
    never: /^(drizzle-orm|postgres)(\/|$)/,
    message: "Edges call verbs; only nouns talk to the database.",
  },
  { from: /^src\//, never: /^jobs\//, message: "jobs import src, never the reverse." },
  {
    // `src/up` is the local installation behind `fed up`, an edge as well.
    from: /^src\/(?!(http|cli|console|up)\/|[^/]+$)/,
    never: /^src\/(http|cli|console)\//,
    message: "Nouns do not know the edges.",
  },
  {
    from: /^(src|jobs|templates)\//,
    never: /^(test|bench|examples)\//,
    message: "Production never needs this.",
  },
  {
    from: /^templates\/agent\//,
    never: /^(src|jobs)\//,
    message: "The agent is installed alone: it has only its own folder and its packages.",
  },
];

function imports(context: Context): Visitors {
  const file = relative(context.cwd, context.filename).split(sep).join("/");
  const mine = boundaries.filter(({ from }) => from.test(file));
  const check = (node: Node) => {
    const source = literal(node["source"]);
    if (source === undefined) return;
    const target = source.startsWith(".") ? posix.join(posix.dirname(file), source) : source;
    const broken = mine.find(({ never }) => never.test(target));
    if (broken) context.report({ node, message: `${broken.message} (${target})` });
  };
  return {
    ImportDeclaration: check,
    ImportExpression: check,
    ExportNamedDeclaration: check,
    ExportAllDeclaration: check,
    TSImportType: check,
  };
}

function environment(context: Context): Visitors {
  const report = (node: Node) =>
    context.report({ node, message: "Only src/config.ts reads the environment." });
  return {
    MemberExpression(node) {
      const owner = dotted(node["object"]);
      const isOwner = owner === "process" || owner === "Bun" || owner === "globalThis.process";
      if ((isOwner || isImportMeta(node["object"])) && property(node) === "env") report(node);
    },
    ImportSpecifier(node) {
      const source = literal((node["parent"] as Node | undefined)?.["source"]);
      const isProcess = source === "process" || source === "node:process";
      if (isProcess && name(node["imported"]) === "env") report(node);
    },
  };
}

function transaction(context: Context): Visitors {
  return {
    CallExpression(node) {
      const callee = node["callee"];
      const method = isNode(callee) ? property(callee) : undefined;
      if (method !== "begin" && method !== "transaction" && method !== "savepoint") return;
      context.report({ node, message: `Transactions go through withTx of src/db/tx.ts, not .${method}().` });
    },
  };
}

function doubleCast(context: Context): Visitors {
  const check = (node: Node) => {
    const inner = node["expression"];
    const isCast = isNode(inner) && (inner.type === "TSAsExpression" || inner.type === "TSTypeAssertion");
    const type = isCast ? (inner["typeAnnotation"] as Node).type : "";
    if (type === "TSUnknownKeyword" || type === "TSAnyKeyword" || type === "TSNeverKeyword") {
      context.report({ node, message: "A cast over unknown checks nothing: parse it, or narrow it." });
    }
  };
  return { TSAsExpression: check, TSTypeAssertion: check };
}

function testModifier(context: Context): Visitors {
  return {
    MemberExpression(node) {
      const suite = dotted(node["object"])?.split(".")[0];
      const modifier = property(node) ?? "";
      if (
        !["test", "it", "describe"].includes(suite ?? "") ||
        !["only", "skip", "todo", "failing"].includes(modifier)
      )
        return;
      context.report({ node, message: `A committed test runs: no .${modifier}.` });
    },
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

const literal = (value: unknown) =>
  isNode(value) && typeof value["value"] === "string" ? value["value"] : undefined;

const name = (value: unknown) =>
  isNode(value) && typeof value["name"] === "string" ? value["name"] : undefined;

/** `b` of `a.b` and of `a["b"]`. */
function property(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  return node["computed"] ? literal(node["property"]) : name(node["property"]);
}

/** `a.b.c` as text, undefined for anything that is not a chain of names. */
function dotted(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Identifier") return name(node);
  const owner = dotted(node["object"]);
  return owner && `${owner}.${property(node)}`;
}

const isImportMeta = (node: unknown) => isNode(node) && node.type === "MetaProperty";
