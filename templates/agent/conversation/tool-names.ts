/** A name as models take it. */
export const modelName = (name: string) => name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);

/** A name as the platform records it. */
export function recordName(name: string): string {
  const text = name.toLowerCase().replace(/[^a-z0-9_-]/g, "_");
  return (/^[a-z]/.test(text) ? text : `t_${text}`).slice(0, 63);
}
