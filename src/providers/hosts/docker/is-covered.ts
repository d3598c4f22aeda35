/**
 * Whether everything wanted is in there with the same value. The engine adds defaults and leaves empty lists out, so
 * more may be there than was wanted; what is in a list is compared one by one, in order.
 */
export function isCovered(wanted: unknown, actual: unknown): boolean {
  if (Array.isArray(wanted)) {
    const items: unknown[] = Array.isArray(actual) ? actual : [];
    return wanted.length === items.length && wanted.every((item, at) => isCovered(item, items[at]));
  }
  if (typeof wanted !== "object" || wanted === null) return wanted === actual;
  const found = new Map<string, unknown>(
    typeof actual === "object" && actual !== null ? Object.entries(actual) : [],
  );
  return Object.entries(wanted).every(([name, value]) => isCovered(value, found.get(name)));
}
