// Answers for services of a fake engine, which have no network: an HTTP proxy for whoever calls them by their names.
import type { FakeEngine } from "./start-fake-engine.ts";

export type AnsweredServices = ReturnType<typeof answerServices>;

/** An agent of which a task runs is ready; nobody answers in place of another one. */
export function answerServices({ swarm }: FakeEngine) {
  const isRunning = (name: string) =>
    swarm
      .tasks()
      .some(
        (task) =>
          swarm.services.get(task.ServiceID)?.Spec.Name === name &&
          task.DesiredState === "running" &&
          task.Status.State === "running",
      );
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (req) =>
      isRunning(new URL(req.url).hostname)
        ? Response.json({ status: "ready", checks: {} })
        : new Response(null, { status: 502 }),
  });
  const url = server.url.href;
  return {
    url,
    /** For processes that call them; what is on loopback is called as ever. */
    environment: { http_proxy: url, no_proxy: "127.0.0.1" },
    close: () => server.stop(true),
  };
}
