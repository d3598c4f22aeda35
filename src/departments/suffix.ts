const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** 60 random bits as 12 base32 letters: the physical name of a department, never derived from what it is called. */
export const randomSuffix = (): string => randomLetters(12);

/** So many letters of base32, five random bits each. */
export function randomLetters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join("");
}
