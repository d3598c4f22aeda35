import { createContext } from "hono/jsx";

/** The token of the session's forms, for every form on the page. */
export const FormToken = createContext("");
