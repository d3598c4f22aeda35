import type { Context, Hono } from "hono";
import { ActionForm } from "../components/action-form.tsx";
import { flash } from "../cookies.ts";
import { consoleCtx, type ConsoleEnv } from "../env.ts";
import { renderPage } from "../render-page.tsx";
import type { Asked, ConsoleAction, ConsolePage, Done, Question, Shown } from "./page.ts";
import { sendOnce } from "./send-once.ts";

type Sent = Context<ConsoleEnv>;

/** Puts pages and actions on the console's router; who may come that far is the frame's to decide. */
export function mountPages(
  app: Hono<ConsoleEnv>,
  { pages, actions }: { pages: readonly ConsolePage[]; actions: readonly ConsoleAction[] },
): void {
  for (const page of pages) {
    app.get(page.path, async (c) => {
      const asked = askedOf(c, new URL(c.req.url).searchParams);
      const shown = await page.show(consoleCtx(c), asked);
      return shown instanceof Response ? shown : render(c, shown);
    });
  }
  for (const action of actions) app.post(action.path, (c) => answer(c, action));
}

async function answer(c: Sent, action: ConsoleAction): Promise<Response> {
  const { form } = c.var;
  const asked = askedOf(c, form);
  if (action.question && form.get("confirmed") !== "yes") {
    const question = action.question(asked);
    const body = <Confirmation question={question} form={form} path={c.req.path} />;
    return render(c, { title: question.title, body });
  }
  const done = await run(c, action, asked);
  if ("title" in done) return render(c, done);
  flash(c, done.message);
  return c.redirect(done.location, 303);
}

async function run(c: Sent, action: ConsoleAction, asked: Asked): Promise<Done | Shown> {
  const number = asked.form.get("once");
  const { secretShownOnce: list } = action;
  if (list === undefined || number === null) return action.act(consoleCtx(c), asked);
  const form = { path: c.req.path, number };
  const done = await sendOnce(consoleCtx(c), form, (ctx) => action.act(ctx, asked));
  const message = "The form was sent before: nothing was made again, and its secret is not shown again.";
  return done ?? { message, location: list };
}

/** The same form again, with what was filled in, behind a question. */
function Confirmation({ question, form, path }: { question: Question; form: URLSearchParams; path: string }) {
  const kept = [...form].filter(([name]) => name !== "form_token" && name !== "confirmed");
  return (
    <>
      <p>{question.text}</p>
      <ActionForm action={path} button={question.button} command={question.command}>
        {kept.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="confirmed" value="yes" />
      </ActionForm>
    </>
  );
}

async function render(c: Sent, { title, body, status }: Shown): Promise<Response> {
  if (status !== undefined) c.status(status);
  return renderPage(c, { title, current: sectionOf(c.req.path) }, body);
}

/** Where in the navigation a path belongs: departments are the fleet's. */
function sectionOf(path: string): string {
  const section = path.split("/")[1] ?? "";
  return section === "departments" ? "/" : `/${section}`;
}

function askedOf(c: Sent, form: URLSearchParams): Asked {
  return { id: c.req.param("id") ?? "", fields: Object.fromEntries(form), form };
}
