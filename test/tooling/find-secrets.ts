import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

/** One line per secret in the text (kind and position, never the secret itself). */
export async function findSecrets(filePath: string, content: string): Promise<string[]> {
  const rules = [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }];
  const { messages } = await lintSource({
    source: { filePath, content, ext: "", contentType: "text" },
    options: { config: { rules }, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.map(({ loc, ruleId, messageId }) => `${filePath}:${loc.start.line} ${ruleId} ${messageId}`);
}
