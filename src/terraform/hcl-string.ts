/**
 * A quoted string of HCL that means exactly this text: no interpolation, no directive, no line break.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
 */
export function hclString(text: string): string {
  const escaped = text
    .replaceAll(/[\\"]/g, (character) => `\\${character}`)
    .replaceAll(/[$%](?=\{)/g, (character) => `${character}${character}`)
    .replaceAll(/\p{Cc}|[\u2028\u2029]/gu, unicodeEscape);
  return `"${escaped}"`;
}

const unicodeEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
