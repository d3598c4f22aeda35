import { expect, test } from "bun:test";
import { findStartup, startupPadding } from "../../../src/db/connection/startup-message.ts";

function messageOf(parameters: Record<string, string>): Buffer {
  const text = Object.entries(parameters).flatMap(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`${text.join("")}\0`)]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

const bare = messageOf({ user: "federation_app", database: "federation", search_path: "pg_catalog" });
const padded = messageOf({
  user: "federation_app",
  database: "federation",
  ...startupPadding,
  search_path: "pg_catalog",
});
const cancel = Buffer.from([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2]);

test("the driver writes a startup message at once, as long as it is", () => {
  expect(messageOf({ user: "u", ...startupPadding }).length).toBeGreaterThanOrEqual(1024);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a query", Buffer.from("Q\0\0\0\rselect 1\0")],
  ["half a startup message", padded.subarray(0, 40)],
  ["a whole startup message", padded],
  ["bytes that look like one", Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0])],
])("behind %s of the connection before it is found, and sent without its padding", (_, residue) => {
  expect(findStartup(Buffer.concat([residue, padded]))).toEqual({ message: bare, isCancel: false });
});

test("a request to cancel a query is sent as it is", () => {
  expect(findStartup(cancel)).toEqual({ message: cancel, isCancel: true });
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a query", Buffer.from("Q\0\0\0\rselect 1\0")],
  ["a startup message with something behind it", Buffer.concat([padded, Buffer.from("Q")])],
  ["a startup message without padding", bare],
])("%s is refused", (_, written) => {
  expect(() => findStartup(written)).toThrow("something else than a startup message");
});
