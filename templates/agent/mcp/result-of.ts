import { Problem } from "../problem.ts";
import { fieldsOf } from "../platform.ts";

const errorCharactersMax = 500;

/** What a tool answered: its structured content, else its text (parsed where it is JSON), else its blocks as they came. */
export function resultOf(answer: unknown): unknown {
  const { structuredContent, content, isError } = fieldsOf(answer);
  const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
  const texts = blocks.flatMap(({ text }) => (typeof text === "string" ? [text] : []));
  if (isError === true) {
    const words = texts.join("\n").slice(0, errorCharactersMax) || "The workflow failed.";
    throw new Problem(502, "workflow_failed", words);
  }
  if (structuredContent !== undefined) return structuredContent;
  return texts.length === blocks.length ? parsed(texts.join("\n")) : blocks;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
