import { type Examples, page } from "./example.ts";
import { earlier, hr, later, object } from "./names.ts";

const calendar = "https://www.googleapis.com/auth/calendar.events";
const scopes = ["openid", "email", calendar];
const clientId = "4711-docs.apps.googleusercontent.com";
const client = {
  id: object,
  client_id: clientId,
  project: "federation-1",
  origin: "pool",
  status: "free",
  department_id: null,
  leased_at: null,
  cooling_until: null,
  last_used_at: null,
  created_at: earlier,
};
const input = { client_id: clientId, client_secret: "…", project: "federation-1" };

export const oauth: Examples = {
  startConsent: {
    answers: {
      200: {
        consent_url: "https://federation.example.com/oauth/consent/v3j8a7Bkqm",
        expires_at: later,
        scopes,
      },
    },
  },
  giveGoogleToken: {
    answers: {
      200: {
        access_token: "ya29.…",
        token_type: "Bearer",
        expires_in: 2999,
        scope: scopes.join(" "),
        missing_scopes: [],
      },
    },
  },
  showCredentials: {
    answers: {
      200: {
        items: [
          {
            service: "google",
            status: "active",
            scopes_wanted: scopes,
            scopes_granted: scopes,
            missing_scopes: [],
            client_id: clientId,
            access_expires_at: later,
            consented_at: earlier,
            failure_code: null,
          },
        ],
      },
    },
  },
  bringClient: {
    body: input,
    answers: { 200: { ...client, origin: "own", status: "leased", department_id: hr, leased_at: later } },
  },
  listOAuthClients: { answers: { 200: page(client) } },
  addOAuthClient: { body: input, answers: { 201: client } },
  retireOAuthClient: {
    body: { force: true, reason: "The project is deleted at Google." },
    answers: { 200: { ...client, status: "retired" } },
  },
};
