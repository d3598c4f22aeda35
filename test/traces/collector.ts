// An OTLP collector on loopback: keeps every span it is sent, as text too.
import { z } from "zod";
import { until } from "../helpers/installation.ts";

const value = z.object({ stringValue: z.string().optional(), intValue: z.number().optional() });
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((list) =>
    Object.fromEntries(list.map((one) => [one.key, one.value.stringValue ?? one.value.intValue])),
  );
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: attributes.default({}),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }),
});
const body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof span> & { service: string };
export type Collector = ReturnType<typeof startCollector>;

/** `answer` may refuse, or never come. */
export function startCollector(
  answer: () => Response | Promise<Response> = () => Response.json({ partialSuccess: {} }),
) {
  const spans: CollectedSpan[] = [];
  const texts: string[] = [];
  const tokens = new Set<string | null>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const text = await request.text();
      texts.push(text);
      tokens.add(request.headers.get("x-collector-token"));
      for (const { resource, scopeSpans } of body.parse(JSON.parse(text)).resourceSpans) {
        const service = String(resource.attributes["service.name"]);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((one) => ({ ...one, service }))));
      }
      return answer();
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans,
    texts,
    tokens,
    named: (name: string) => spans.filter((one) => one.name === name),
    find: (what: string, test: (one: CollectedSpan) => boolean) =>
      until(`the collector has ${what}`, () => Promise.resolve(spans.find(test))),
    close: () => server.stop(true),
  };
}
