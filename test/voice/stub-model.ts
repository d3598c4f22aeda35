import { z } from "zod";

const request = z.object({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.unknown().optional(),
      tool_calls: z.array(z.unknown()).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
  tools: z
    .array(
      z.object({
        function: z.object({ name: z.string(), description: z.string(), parameters: z.unknown() }),
      }),
    )
    .default([]),
});
export type ModelRequest = z.infer<typeof request>;

export type Reply = { text: string } | { tool: string; args: object };

export interface StubModel {
  url: string;
  requests: ModelRequest[];
  /** What is answered next, in order; the last question's messages are given. */
  replies: ((messages: ModelRequest["messages"]) => Reply)[];
  stop(): Promise<void>;
}

let calls = 0;

/** An OpenAI-compatible model that streams what the test wrote down. */
export function startStubModel(): StubModel {
  const requests: ModelRequest[] = [];
  const replies: StubModel["replies"] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(req) {
      if (!new URL(req.url).pathname.endsWith("/chat/completions")) return Response.json({ data: [] });
      const asked = request.parse(await req.json());
      requests.push(asked);
      const reply = replies.shift()?.(asked.messages) ?? { text: "(nothing left to say)" };
      return new Response(streamOf(reply), { headers: { "content-type": "text/event-stream" } });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    requests,
    replies,
    stop: () => server.stop(true),
  };
}

function streamOf(reply: Reply): string {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({
      id: "chunk-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "model-1",
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const end = (reason: string) => `${chunk({}, reason)}data: [DONE]\n\n`;
  if ("text" in reply) {
    const words = reply.text.split(/(?<= )/);
    return words.map((content) => chunk({ role: "assistant", content })).join("") + end("stop");
  }
  const text = JSON.stringify(reply.args);
  const half = Math.floor(text.length / 2);
  const call = (rest: object) => chunk({ role: "assistant", tool_calls: [{ index: 0, ...rest }] });
  return (
    call({
      id: `call-${++calls}`,
      type: "function",
      function: { name: reply.tool, arguments: text.slice(0, half) },
    }) +
    call({ function: { arguments: text.slice(half) } }) +
    end("tool_calls")
  );
}
