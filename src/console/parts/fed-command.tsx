/** The command of the terminal that does the same. */
export function FedCommand({ text }: { text: string }) {
  return (
    <p class="fed">
      The same in a terminal: <code>{text}</code>
    </p>
  );
}

const plain = /^[\w@%+=:,./-]+$/;

/** A command with its arguments quoted for a shell. */
export function fed(...words: string[]): string {
  return [
    "fed",
    ...words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)),
  ].join(" ");
}
