/** A path of ours as it was asked for, else the start page: nobody is sent to another site from here. */
export function ownPath(text: string | undefined): string {
  if (text === undefined || text.length > 500 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return "/";
  return text.startsWith("/sign-") ? "/" : text;
}
