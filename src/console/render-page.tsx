import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { html } from "hono/html";
import { countFiring } from "../alerts/count-firing.ts";
import { takeFlash } from "./cookies.ts";
import type { ConsoleEnv } from "./env.ts";
import { FormToken } from "./components/form-token.ts";
import { Layout } from "./layout.tsx";
import { alertsPage } from "./pages/alerts.tsx";
import { may } from "./parts/page.ts";

export interface PageOptions {
  title: string;
  /** The path in the navigation that this page belongs to. */
  current?: string;
  /** Where the page goes by itself, a path of ours. */
  goOn?: string;
}

/** A whole page: the frame with what the last action said, around the body. */
export async function renderPage(c: Context<ConsoleEnv>, options: PageOptions, body: Child) {
  const { session } = c.var;
  const said = takeFlash(c);
  const firing = await firingFor(c);
  const page = (
    <FormToken.Provider value={session?.formToken ?? ""}>
      <Layout {...options} email={session?.email} caller={session?.caller} said={said} firing={firing}>
        {body}
      </Layout>
    </FormToken.Provider>
  );
  return c.html(html`<!doctype html>${page}`);
}

/** A page that says what went wrong must not fail for want of this figure. */
async function firingFor(c: Context<ConsoleEnv>): Promise<number> {
  const { session, deps } = c.var;
  if (!session || !may(session.caller, alertsPage.access)) return 0;
  return countFiring(deps).catch((err: unknown) => {
    deps.log.warn({ err, request_id: c.var.requestId }, "alerts not counted");
    return 0;
  });
}
