import { createConfig, lintFromString } from "@redocly/openapi-core";

/** Problems of an OpenAPI document (JSON text), one line each: redocly's recommended rules. */
export async function lintOpenApi(text: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended"], rules: { "tag-description": "off" } });
  const problems = await lintFromString({ source: text, absoluteRef: "openapi.json", config });
  return problems.map(
    ({ ruleId, message, location }) => `${location[0]?.pointer ?? ""} ${ruleId}: ${message}`,
  );
}
