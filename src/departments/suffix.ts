const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** 60 random bits as 12 base32 letters: the physical name of a department, never derived from what it is called. */
export function randomSuffix(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join("");
}
