export interface WebSeen {
  /** Of /readyz: 200 when web can serve. */
  status: number;
  /** Web's clock minus ours by its Date header, in seconds; undefined where there is none. */
  skewSeconds: number | undefined;
}

const timeoutMs = 5000;

/** Asks web once whether it is ready, and what time it is there; undefined when nobody answers within 5 s. */
export async function probeWeb(url: string): Promise<WebSeen | undefined> {
  const askedMs = Date.now();
  const answer = await fetch(new URL("/readyz", url), {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "manual",
  }).catch(() => undefined);
  if (!answer) return undefined;
  await answer.body?.cancel();
  const thereMs = Date.parse(answer.headers.get("date") ?? "");
  const hereMs = (askedMs + Date.now()) / 2;
  return {
    status: answer.status,
    skewSeconds: Number.isNaN(thereMs) ? undefined : (thereMs + 500 - hereMs) / 1000,
  };
}
