import { textType } from "../../metrics/format.ts";
import { factory } from "../env.ts";
import { operation } from "../operation.ts";

export const getMetrics = factory.createHandlers(
  operation({
    id: "metrics",
    summary: "Metrics of the platform and of this process, for Prometheus",
    tag: "System",
    answers: { 200: "text/plain" },
  }),
  async (c) => {
    c.header("cache-control", "no-store");
    return c.body(await c.var.deps.metrics.text(), 200, { "content-type": textType });
  },
);
