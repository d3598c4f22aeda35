import type { PropsWithChildren } from "hono/jsx";
import type { Caller } from "../context.ts";
import { scriptPath, stylePath } from "./assets.ts";
import { consoleAuthorization } from "./authorization.ts";
import { Form } from "./components/form.tsx";
import { refusalOf } from "../http/refusal-of.ts";
import type { PageOptions } from "./render-page.tsx";

/** The navigation, in order; a person sees what they may open. */
const navigation = [
  ["/", "Fleet"],
  ["/runs", "Runs"],
  ["/new", "New department"],
  ["/alerts", "Alerts"],
  ["/drift", "Drift"],
  ["/releases", "Releases"],
  ["/rollouts", "Rollouts"],
  ["/grants", "Grants"],
  ["/approvals", "Approvals"],
  ["/audit", "Audit"],
  ["/members", "Members"],
  ["/api-keys", "API keys"],
  ["/keys", "Keys"],
  ["/limits", "Limits"],
  ["/webhooks", "Webhooks"],
  ["/n8n", "n8n"],
  ["/oauth-clients", "OAuth clients"],
  ["/budgets", "Budgets"],
  ["/jobs", "Jobs"],
  ["/cost", "Cost"],
] as const;

interface Frame extends PageOptions {
  email: string | undefined;
  caller: Caller | undefined;
  said: string | undefined;
  /** How many alerts are open; 0 for who may not see them. */
  firing: number;
}

export function Layout({ ...frame }: PropsWithChildren<Frame>) {
  const { title, current, goOn, email, caller, said, firing, children } = frame;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {goOn !== undefined && <meta http-equiv="refresh" content={`0;url=${goOn}`} />}
        <title>{title} · Federation</title>
        <link rel="stylesheet" href={stylePath} />
        <script type="module" src={scriptPath} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <a class="brand" href="/">
            Federation
          </a>
          {caller && <Navigation caller={caller} current={current} firing={firing} />}
          {email !== undefined && (
            <div class="who">
              <span>{email}</span>
              <Form action="/sign-out">
                <button type="submit" class="plain">
                  Sign out
                </button>
              </Form>
            </div>
          )}
        </header>
        <main id="main" tabindex={-1}>
          <h1>{title}</h1>
          {said !== undefined && (
            <p class="said" role="status">
              {said}
            </p>
          )}
          {children}
        </main>
      </body>
    </html>
  );
}

interface NavigationProps {
  caller: Caller;
  current: string | undefined;
  firing: number;
}

function Navigation({ caller, current, firing }: NavigationProps) {
  const open = navigation.filter(([path]) => {
    const access = consoleAuthorization[`GET ${path}`];
    return access !== undefined && refusalOf(access, caller) === undefined;
  });
  return (
    <nav aria-label="Main">
      <ul>
        {open.map(([path, name]) => (
          <li>
            <a href={path} aria-current={path === current ? "page" : undefined}>
              {name}
              {path === "/alerts" && firing > 0 && <span class="badge"> {firing}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
