import { withTx } from "../../src/db/tx.ts";
import type { TestDepartment } from "../http/edge.ts";
import { type Edge, testEdge } from "../http/edge.ts";
import { type FakeGoogle, startFakeGoogle } from "../fakes/google/start-fake-google.ts";

export type ConsentWorld = Awaited<ReturnType<typeof consentWorld>>;

export interface Browser {
  cookie: string;
}

/** The edge with a pool of clients at a fake Google, and browsers that go through a consent. */
export async function consentWorld() {
  const google: FakeGoogle = await startFakeGoogle();
  const edge: Edge = await testEdge({ issuer: google.issuer });
  const origin = new URL(edge.deps.config.publicUrl).origin;
  const redirectUri = `${origin}/oauth/callback`;

  const visit = (method: string, path: string, browser: Browser, headers: Record<string, string> = {}) =>
    edge.app.request(path, { method, headers: { cookie: browser.cookie, ...headers }, redirect: "manual" });

  const world = {
    edge,
    google,
    origin,
    visit,
    /** A department whose tools need mail and calendar, with an admin. */
    async addDepartment() {
      const department = await edge.addDepartment();
      await edge.sql`update federation.department_config
        set document = document || '{"enabled_tools": ["email", "calendar"]}' where department_id = ${department.id}`;
      await withTx(edge.deps.db.app, (tx) => edge.deps.vault.ensureDepartmentKey(tx, department.id));
      const admin = await edge.addMember(
        "department_admin",
        ["oauth:write", "departments:read"],
        department.id,
      );
      return { ...department, adminKey: admin.key, adminId: admin.id };
    },
    /** A client in Google's store and in our pool. */
    async addClient(project?: string) {
      const client = google.addClient({ redirectUris: [redirectUri], ...(project && { project }) });
      const reply = await edge.call("POST", "/api/v1/oauth-clients", {
        key: edge.adminKey,
        body: { client_id: client.clientId, client_secret: client.clientSecret, project: client.project },
      });
      return { ...client, id: String(reply.json?.id), status: reply.status };
    },
    start: (department: { adminKey: string }) =>
      edge.call("GET", "/api/v1/oauth/google/start", { key: department.adminKey }),
    /** Opens the link: answers where Google is and which cookie the browser holds. */
    async open(consentUrl: string, browser: Browser = { cookie: "" }) {
      const { pathname } = new URL(consentUrl);
      const reply = await visit("POST", pathname, browser, { origin });
      const set = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
      return {
        status: reply.status,
        location: reply.headers.get("location") ?? "",
        browser: { cookie: set },
      };
    },
    /** What Google sends the browser back with. */
    async atGoogle(location: string) {
      const reply = await fetch(location, { redirect: "manual" });
      const back = new URL(reply.headers.get("location") ?? `${origin}/nowhere`);
      return back.pathname + back.search;
    },
    async consent(department: { adminKey: string }) {
      const { json } = await world.start(department);
      const opened = await world.open(json.consent_url);
      const back = await world.atGoogle(opened.location);
      const reply = await visit("GET", back, opened.browser);
      return { status: reply.status, text: await reply.text(), back, browser: opened.browser };
    },
    show: async (department: Pick<TestDepartment, "slug">) =>
      (await edge.call("GET", `/api/v1/departments/${department.slug}/credentials`, { key: edge.adminKey }))
        .json.items[0],
    async close() {
      await edge.close();
      await google.close();
    },
  };
  return world;
}
