import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Family, gauge } from "../format.ts";

const perSecond = 1e9;

/** How late the process' event loop was since the last call; measured from the first call on. */
export function createEventLoop(): () => Family[] {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    if (!delay) {
      delay = monitorEventLoopDelay({ resolution: 20 });
      delay.enable();
    }
    const { max, mean } = delay;
    const p99 = delay.percentile(99);
    delay.reset();
    const seconds = (value: number) => (Number.isFinite(value) ? value / perSecond : 0);
    return [
      gauge("federation_event_loop_delay_seconds", "How late web's event loop was since the last scrape.", [
        { labels: { statistic: "mean" }, value: seconds(mean) },
        { labels: { statistic: "p99" }, value: seconds(p99) },
        { labels: { statistic: "max" }, value: seconds(max) },
      ]),
    ];
  };
}
