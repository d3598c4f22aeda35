import type { Config } from "../../config.ts";

/** The one redirect URI of the installation; state says which department it is about. */
export const redirectUriOf = ({ publicUrl }: Pick<Config, "publicUrl">) =>
  new URL("/oauth/callback", publicUrl).href;
