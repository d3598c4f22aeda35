/** An instant in UTC, to the minute; the machine-readable one beside it. */
export function Time({ at }: { at: string | null }) {
  if (at === null) return <span class="quiet">–</span>;
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 16)}`}</time>;
}
