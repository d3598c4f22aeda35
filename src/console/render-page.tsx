import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { html } from "hono/html";
import { takeFlash } from "./cookies.ts";
import type { ConsoleEnv } from "./env.ts";
import { FormToken } from "./components/form-token.ts";
import { Layout } from "./layout.tsx";

export interface PageOptions {
  title: string;
  /** The path in the navigation that this page belongs to. */
  current?: string;
  /** Where the page goes by itself, a path of ours. */
  goOn?: string;
}

/** A whole page: the frame with what the last action said, around the body. */
export function renderPage(c: Context<ConsoleEnv>, options: PageOptions, body: Child) {
  const { session } = c.var;
  const said = takeFlash(c);
  const page = (
    <FormToken.Provider value={session?.formToken ?? ""}>
      <Layout {...options} email={session?.email} caller={session?.caller} said={said}>
        {body}
      </Layout>
    </FormToken.Provider>
  );
  return c.html(html`<!doctype html>${page}`);
}
