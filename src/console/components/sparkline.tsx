/** Health of the last hours, the oldest first: `u` up, `d` down, `-` nobody looked. Its text says the same. */
export function Sparkline({ history }: { history: string }) {
  const hours = [...history];
  const down = hours.filter((hour) => hour === "d").length;
  const seen = hours.filter((hour) => hour !== "-").length;
  const label = seen === 0 ? "no look yet" : `${down} of ${seen} hours with a failure`;
  return (
    <svg class="spark" width="96" height="16" viewBox="0 0 96 16" role="img" aria-label={label}>
      <path class="none" d={barsOf(hours, "-", 14)} />
      <path class="up" d={barsOf(hours, "u", 4)} />
      <path class="down" d={barsOf(hours, "d", 0)} />
    </svg>
  );
}

function barsOf(hours: readonly string[], wanted: string, top: number): string {
  const bars = hours.map((hour, at) => (hour === wanted ? `M${at * 4 + 2} ${top}V16` : ""));
  return bars.join("");
}
