const plain = /^[\w@%+=:,./-]+$/;

/** A command of the terminal, its arguments quoted for a shell. */
export function fed(...words: string[]): string {
  const quoted = words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ["fed", ...quoted].join(" ");
}
