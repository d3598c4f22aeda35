import type { ShownOperation } from "./shown-operations.ts";

const values: Readonly<Record<string, string>> = {
  department_id: "hr",
  kind: "pair",
  name: "run",
  tag: "departments",
};

/** A call of the operation with its example, for `sh`; `$URL` and `$KEY` are the reader's. */
export function curlLine({ method, path, parameters = [], requestBody, security }: ShownOperation): string {
  const place = path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? valueAt(path, name));
  const query = parameters.filter((one) => one.in === "query" && one.required).map(({ name }) => `${name}=…`);
  const example = requestBody?.content["application/json"]?.example;
  const body = example === undefined ? undefined : JSON.stringify(example).replaceAll("'", `'\\''`);
  return [
    `curl${method === "GET" ? "" : ` -X ${method}`} "$URL${place}${query.length > 0 ? `?${query.join("&")}` : ""}"`,
    ...(security.length > 0 ? ['-H "authorization: Bearer $KEY"'] : []),
    ...(body === undefined ? [] : ['-H "content-type: application/json"', `-d '${body}'`]),
  ].join(" \\\n  ");
}

/** A department goes by its name, a release too; everything else by an id. */
function valueAt(path: string, name: string): string {
  if (path.includes("/departments/{id}") && name === "id") return "hr";
  if (path.includes("/releases/{id}")) return "spring";
  return name === "ticket" ? "$TICKET" : "$ID";
}
