export type Random = ReturnType<typeof createRandom>;

/** Numbers that are the same for the same seed: one row per purpose, so that other draws do not shift it. */
export function createRandom(seed: number) {
  const states = new Map<string, number>();

  /** At least 0, less than 1. */
  function draw(purpose: string): number {
    const state = ((states.get(purpose) ?? hashOf(`${seed} ${purpose}`)) + 0x6d2b79f5) | 0;
    states.set(purpose, state);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    draw,
    between: (purpose: string, [min, max]: readonly [number, number]) => min + (max - min) * draw(purpose),
  };
}

const hashOf = (text: string) => Number(BigInt.asIntN(32, BigInt(Bun.hash(text))));
