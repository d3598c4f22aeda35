import type { Context } from "hono";
import { noteDenied } from "../../console-sessions/note-denied.ts";
import { endConsoleSession } from "../../console-sessions/end.ts";
import { openConsoleSession } from "../../console-sessions/open.ts";
import type { Caller } from "../../context.ts";
import { FederationError, unauthorized } from "../../errors.ts";
import { clientAddress } from "../../http/client-address.ts";
import { createDenials } from "../../http/middleware/count-denials.ts";
import { authenticateBearer } from "../../tokens/authenticate-bearer.ts";
import { dropSession, flash, keepSession } from "../cookies.ts";
import { consoleCtx, type ConsoleEnv, consoleFactory, sessionOf } from "../env.ts";
import { ownPath } from "../own-path.ts";
import { renderPage } from "../render-page.tsx";
import { Form } from "../components/form.tsx";

type Sent = Context<ConsoleEnv>;

export const getSignIn = consoleFactory.createHandlers((c) => signInPage(c, ownPath(c.req.query("next"))));

/** One and the same answer whatever was wrong with the key. */
export const postSignIn = () => {
  const denials = createDenials();
  return consoleFactory.createHandlers(async (c) => {
    const next = ownPath(c.var.form.get("next") ?? undefined);
    let caller: Caller;
    try {
      caller = await memberOf(c, (c.var.form.get("key") ?? "").trim());
    } catch (error) {
      if (!(error instanceof FederationError && error.status === 401)) throw error;
      const count = denials.count(clientAddress(c as Context));
      if (count !== undefined) {
        const what = { action: "console.sign_in" as const, reason: "invalid_credentials", meta: { count } };
        await noteDenied(consoleCtx(c), what);
      }
      c.status(401);
      return signInPage(c, next, "The key is not valid here.");
    }
    keepSession(c, await openConsoleSession(consoleCtx(c), caller, "key"));
    return c.redirect(next, 303);
  });
};

export const postSignOut = consoleFactory.createHandlers(async (c) => {
  await endConsoleSession(consoleCtx(c), sessionOf(c).token);
  dropSession(c);
  flash(c, "You are signed out.");
  return c.redirect("/sign-in", 303);
});

/** A department's machines have keys too, and no business here. */
async function memberOf(c: Sent, key: string): Promise<Caller> {
  const refused = unauthorized("invalid_credentials", "The credentials are not valid.");
  if (!key.startsWith("fed_")) throw refused;
  const caller = await authenticateBearer(c.var.deps, `Bearer ${key}`, clientAddress(c as Context));
  if (caller.kind !== "member") throw refused;
  return caller;
}

function signInPage(c: Sent, next: string, wrong?: string) {
  return renderPage(
    c,
    { title: "Sign in" },
    <Form action="/sign-in">
      <input type="hidden" name="next" value={next} />
      {wrong !== undefined && (
        <p class="problem" role="alert">
          {wrong}
        </p>
      )}
      <label>
        Your API key
        <input name="key" type="password" required autocomplete="current-password" spellcheck={false} />
      </label>
      <button type="submit">Sign in</button>
      {c.var.deps.config.oidc && (
        <p>
          <a href={`/sign-in/oidc?next=${encodeURIComponent(next)}`}>Sign in with the company's account</a>
        </p>
      )}
    </Form>,
  );
}
