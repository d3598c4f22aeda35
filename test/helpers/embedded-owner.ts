// A process that owns (or adopts) an embedded server: `bun embedded-owner.ts <directory>`. Prints one JSON line when
// it is up and stops cleanly on SIGTERM; Ctrl-C only reaches it, as it reaches a whole group of processes.
import { startEmbedded } from "../../src/db/embedded.ts";

process.on("SIGINT", () => {});
const [directory = ""] = process.argv.slice(2);
const server = await startEmbedded({ directory, settings: { shared_buffers: "16MB" } });
const { url, port, pid, adopted } = server;
process.once("SIGTERM", () => void server.stop().then(() => process.exit(0)));
console.log(JSON.stringify({ url, port, pid, adopted }));
setInterval(() => {}, 1_000_000);
