/**
 * For the driver's options: the directory of the unix socket that a URL names the way libpq spells it, such as
 * `postgres://login@%2Frun%2Fpostgresql/database`, which the driver does not read by itself. Empty for any other host.
 */
export function socketHost(url: string): { host?: string } {
  const host = decodeURIComponent(new URL(url).hostname);
  return host.startsWith("/") ? { host } : {};
}
