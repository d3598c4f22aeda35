export interface ParsedFamily {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;

/** Prometheus' text by family, read strictly: a line that is none, or stands under another family, throws. */
export function parseText(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  let current = "";
  for (const row of text.trimEnd().split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(row);
    if (comment) {
      const [, word, name = "", rest = ""] = comment;
      if (word === "HELP" && families.has(name)) throw new Error(`${name} comes twice`);
      const family = families.get(name) ?? { type: "", help: "", samples: [] };
      families.set(name, word === "HELP" ? { ...family, help: rest } : { ...family, type: rest });
      current = name;
      continue;
    }
    const [, name = "", labels = "", value = ""] = line.exec(row) ?? [];
    const base = name.replace(/_(bucket|sum|count)$/, "");
    if (name !== current && base !== current) throw new Error(`not a line of ${current}: ${row}`);
    families.get(current)?.samples.push({ name, labels: labelsOf(labels), value: valueOf(value) });
  }
  return families;
}

const labelsOf = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", value = ""]) => [
      name,
      value.replaceAll(/\\(.)/g, (_, found: string) => (found === "n" ? "\n" : found)),
    ]),
  );

function valueOf(text: string): number {
  const value = Number(text.replace("Inf", "Infinity"));
  if (text === "" || Number.isNaN(value)) throw new Error(`not a value: ${text}`);
  return value;
}
