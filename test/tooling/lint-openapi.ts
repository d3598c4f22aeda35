import { createConfig, lintFromString } from "@redocly/openapi-core";

/** What we ask beyond redocly's strict set, and the one rule that we leave out. */
const rules = {
  // A consent is answered with a redirect; test/http/openapi.test.ts wants a 2xx or 3xx of every operation.
  "operation-2xx-response": "off",
  "operation-description": "error",
  "operation-singular-tag": "error",
  "paths-kebab-case": "error",
  "no-invalid-media-type-examples": "error",
} as const;

/** Problems of an OpenAPI document (JSON text), one line each. */
export async function lintOpenApi(text: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended-strict"], rules });
  const problems = await lintFromString({ source: text, absoluteRef: "openapi.json", config });
  return problems.map(
    ({ ruleId, message, location }) => `${location[0]?.pointer ?? ""} ${ruleId}: ${message}`,
  );
}
