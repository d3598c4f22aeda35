import { oauthProviderContract, type OAuthWorld } from "../../contracts/oauth-provider.ts";
import { startFakeGoogle } from "../../fakes/google/start-fake-google.ts";
import { startOidcProvider } from "./oidc-provider-server.ts";

oauthProviderContract("the fake Google", startFakeWorld);
oauthProviderContract("oidc-provider", startOidcProvider);

async function startFakeWorld(): Promise<OAuthWorld> {
  const google = await startFakeGoogle();
  const redirectUri = "http://127.0.0.1/oauth/callback";
  const client = google.addClient({ redirectUris: [redirectUri] });
  return {
    issuer: google.issuer,
    client,
    redirectUri,
    scopes: ["openid", "email", "https://www.googleapis.com/auth/calendar.events"],
    revokesForClient: false,
    async visit(url) {
      const response = await fetch(url, { redirect: "manual" });
      return new URL(response.headers.get("location") ?? "");
    },
    close: google.close,
  };
}
