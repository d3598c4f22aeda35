import type { IncomingMessage } from "node:http";
import { Problem } from "./problem.ts";

const bodyBytesMax = 1024 * 1024;

/** The request's JSON body. Throws 415, 413 or 400. */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(req.headers["content-type"] ?? "")) {
    throw new Problem(415, "unsupported_media_type", "The body must be application/json.");
  }
  const text = (await readBody(req)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "malformed_json", "The body is not JSON.");
  }
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Problem(413, "too_large", "The body is larger than 1 MB.");
  if (Number(req.headers["content-length"] ?? 0) > bodyBytesMax) throw tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
