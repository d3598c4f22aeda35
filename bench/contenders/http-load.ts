/**
 * bun http-load.ts <url> <requests as JSON> <load as JSON>: one keep-alive connection per slot, each asking again when
 * its answer has come. Little more than sockets, so that the load takes few cores from what is measured.
 */
import { connect, type Socket } from "node:net";
import { driveLoad, type LoadOptions } from "../harness/drive-load.ts";
import { sendResult } from "../harness/run-child.ts";

const [url = "", requestsText = "", loadText = ""] = Bun.argv.slice(2);
const { hostname, port, pathname } = new URL(url);
/** Slot n sends the n-th token with each of its bodies in turn. */
const requests: { token: string; bodies: string[] }[] = JSON.parse(requestsText);
const load: LoadOptions = JSON.parse(loadText);

const slots = await Promise.all(
  Array.from({ length: load.inFlight }, async (_, at) => {
    const { token, bodies } = requests[at % requests.length] ?? { token: "", bodies: [] };
    return { ask: await openConnection(), texts: bodies.map((body) => requestOf(token, body)), next: at };
  }),
);
const result = await driveLoad(load, async (at) => {
  const slot = slots[at];
  const text = slot?.texts[slot.next++ % slot.texts.length];
  if (!slot || text === undefined) throw new Error("nothing to send");
  const answer = await slot.ask(text);
  if (!answer.startsWith("HTTP/1.1 200") || !answer.includes('"snippet"'))
    throw new Error(`not answered: ${answer.slice(0, 600)}`);
});
sendResult(result);
process.exit(0);

function requestOf(token: string, body: string): string {
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Answers are told apart by their content-length; the texts are ASCII. */
async function openConnection(): Promise<(text: string) => Promise<string>> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(opened));
    opened.once("error", reject);
  });
  let received = "";
  let waiting: { resolve(answer: string): void; reject(error: Error): void } | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1];
    if (received.length < headEnd + 4 + Number(length)) return;
    const answer = received;
    received = "";
    waiting?.resolve(answer);
  });
  socket.on("close", () => waiting?.reject(new Error("the connection was closed")));
  return (text) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      socket.write(text);
    });
}
