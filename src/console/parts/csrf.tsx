import { createContext, useContext } from "hono/jsx";

/** The session's token, for every form of the page that is being rendered. */
export const CsrfToken = createContext("");

export const csrfField = "csrf";

/** The hidden field without which no form of the console is accepted. */
export function CsrfField() {
  return <input type="hidden" name={csrfField} value={useContext(CsrfToken)} />;
}
