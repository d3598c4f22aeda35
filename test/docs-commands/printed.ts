/** The value of a field in the JSON that a line printed. */
export function fieldIn(printed: string, name: string): string {
  return found(new RegExp(`"${name}": ?"([^"]+)"`).exec(printed)?.[1], name, printed);
}

/** The first id of the table that a line printed. */
export function idIn(printed: string): string {
  return found(/[0-9a-f]{8}-[0-9a-f-]{27}/.exec(printed)?.[0], "id", printed);
}

function found(value: string | undefined, name: string, printed: string): string {
  if (value === undefined) throw new Error(`no ${name} in ${printed}`);
  return value;
}
