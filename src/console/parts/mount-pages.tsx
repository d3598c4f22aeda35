import type { Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { FederationError } from "../../errors.ts";
import { ctxOf, type Env } from "../../http/env.ts";
import { ActionForm } from "./action-form.tsx";
import { CsrfToken, csrfField } from "./csrf.tsx";
import type { Asked, ConsoleAction, ConsolePage, Question, Shown } from "./page.ts";

/** What the pages need of the console around them; it has found out who asks, and checked every form's token. */
export interface Frame {
  /** The token of the session that asks. */
  csrfToken(c: Context<Env>): string;
  render(c: Context<Env>, shown: Shown, status: ContentfulStatusCode): Response | Promise<Response>;
  /** Says `message` on the page that comes next. */
  goOn(c: Context<Env>, message: string, location: string): Response;
}

/** Puts pages and actions on the router. What is refused is said on a page, with its code and the request's id. */
export function mountPages(
  app: Hono<Env>,
  { pages, actions }: { pages: readonly ConsolePage[]; actions: readonly ConsoleAction[] },
  frame: Frame,
): void {
  for (const page of pages) {
    app.get(page.path, async (c) =>
      orProblem(c, frame, async () => {
        const shown = await page.show(ctxOf(c), askedOf(c, new URLSearchParams(new URL(c.req.url).search)));
        return shown instanceof Response ? shown : render(c, frame, shown);
      }),
    );
  }
  for (const action of actions) {
    app.post(action.path, async (c) =>
      orProblem(c, frame, async () => act(c, frame, action, new URLSearchParams(await c.req.text()))),
    );
  }
}

async function act(c: Context<Env>, frame: Frame, action: ConsoleAction, form: URLSearchParams) {
  const asked = askedOf(c, form);
  if (action.question && form.get("confirmed") !== "yes") {
    const question = action.question(asked);
    return render(c, frame, {
      title: question.title,
      body: <Confirmation {...{ question, form, path: c.req.path }} />,
    });
  }
  const done = await action.act(ctxOf(c), asked);
  return "location" in done ? frame.goOn(c, done.message, done.location) : render(c, frame, done);
}

/** The same form again, with what was filled in, behind a question. */
function Confirmation({ question, form, path }: { question: Question; form: URLSearchParams; path: string }) {
  const kept = [...form].filter(([name]) => name !== csrfField && name !== "confirmed");
  return (
    <>
      <p>{question.text}</p>
      <ActionForm action={path} button={question.button} fed={question.fed}>
        {kept.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="confirmed" value="yes" />
      </ActionForm>
    </>
  );
}

async function orProblem(c: Context<Env>, frame: Frame, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof FederationError) || error.status >= 500) throw error;
    return render(c, frame, problemOf(error, c.var.requestId), error.status as ContentfulStatusCode);
  }
}

function problemOf(error: FederationError, requestId: string): Shown {
  const body = (
    <>
      <p role="alert">{error.message}</p>
      <ul>
        {error.errors.map(({ path, message }) => (
          <li>
            <code>{path}</code> {message}
          </li>
        ))}
      </ul>
      <p>
        Code <code>{error.code}</code>, request <code>{requestId}</code>. Nothing was changed.
      </p>
    </>
  );
  return { title: "This was refused", body };
}

function render(c: Context<Env>, frame: Frame, { title, body }: Shown, status: ContentfulStatusCode = 200) {
  return frame.render(c, { title, body: withToken(frame.csrfToken(c), body) }, status);
}

const withToken = (token: string, body: Child) => (
  <CsrfToken.Provider value={token}>{body}</CsrfToken.Provider>
);

function askedOf(c: Context<Env>, fields: URLSearchParams): Asked {
  return {
    id: c.req.param("id") ?? "",
    fields: Object.fromEntries(fields),
    all: (name) => fields.getAll(name),
  };
}
