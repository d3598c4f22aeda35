/** The `fed` command that does the same. */
export function Command({ children }: { children: string }) {
  return (
    <p class="command">
      <span class="hint">The same as</span> <code>{children}</code>
    </p>
  );
}
