import type { Edge } from "../http/edge.ts";

/** A browser that signs in and keeps its cookies, without one. */
export async function signedIn(edge: Edge, key: string) {
  const reply = await post(edge, "/sign-in", { key });
  const cookie = cookieOf(reply);
  const get = (path: string, headers: Record<string, string> = {}) =>
    edge.app.request(path, { headers: { ...(cookie && { cookie }), ...headers } });
  const page = async (path: string) => (await get(path)).text();
  const formToken = /name="form_token" value="([^"]+)"/.exec(await page("/"))?.[1] ?? "";
  return {
    reply,
    cookie,
    formToken,
    get,
    page,
    post: (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      post(edge, path, { form_token: formToken, ...fields }, { cookie, ...headers }),
  };
}

export function post(
  edge: Edge,
  path: string,
  fields: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
) {
  return edge.app.request(path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: "http://federation.test",
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
}

export const cookieOf = (reply: Response) =>
  reply.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
