import { createHash } from "node:crypto";
import style from "./assets/console.css" with { type: "text" };
import script from "./assets/console.js" with { type: "text" };
import { notFound } from "../errors.ts";
import { consoleFactory } from "./env.ts";

const addressOf = (text: string, kind: "css" | "js") =>
  `/console/${createHash("sha256").update(text).digest("hex").slice(0, 16)}.${kind}`;

/** Their addresses change with their text, so a browser keeps them for good. */
export const stylePath = addressOf(style, "css");
export const scriptPath = addressOf(script, "js");

const files: Readonly<Record<string, { text: string; type: string }>> = {
  [stylePath]: { text: style, type: "text/css; charset=utf-8" },
  [scriptPath]: { text: script, type: "text/javascript; charset=utf-8" },
};

export const getFile = consoleFactory.createHandlers((c) => {
  const file = files[c.req.path];
  if (!file) throw notFound();
  const headers = { "content-type": file.type, "cache-control": "public, max-age=31536000, immutable" };
  return c.body(file.text, 200, headers);
});
