// HEALTHCHECK of the image: exit code 0 if and only if the agent calls itself ready.
const url = `http://127.0.0.1:${process.env.PORT || 8080}/health`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4000) }).catch(() => undefined);
process.exit(answer?.status === 200 ? 0 : 1);
