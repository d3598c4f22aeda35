/** The statements of a template, as psql would send them: ends of lines with `;`, but not within $$ or `begin atomic`. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let lines: string[] = [];
  let quoted = false;
  let atomic = false;
  for (const line of text.split("\n").filter((one) => !one.trimStart().startsWith("--"))) {
    lines.push(line);
    if (line.split("$$").length % 2 === 0) quoted = !quoted;
    if (line.startsWith("begin atomic")) atomic = true;
    else if (atomic && line.startsWith("end;")) atomic = false;
    if (quoted || atomic || !line.trimEnd().endsWith(";")) continue;
    statements.push(lines.join("\n"));
    lines = [];
  }
  return statements;
}
