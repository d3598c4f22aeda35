/** True when the web process at `url` answers /readyz with 200. */
export async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}
