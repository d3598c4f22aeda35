import { expect, test } from "bun:test";
import fc from "fast-check";
import { readServerMessages } from "../../../src/db/connection/server-messages.ts";

function message(type: string, body: Buffer | string = ""): Buffer {
  const content = Buffer.from(body as string);
  const head = Buffer.alloc(5, type);
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const error = (severity: string) => message("E", `S${severity}\0V${severity}\0C57P01\0Mthe end\0\0`);
const ready = message("Z", "I");
const opening = [message("R", Buffer.alloc(4)), message("S", "TimeZone\0UTC\0"), ready];
const types = [message("D", "a row"), message("C", "SELECT 1\0"), ready];
const rows = [message("D", Buffer.alloc(3000, "E")), error("ERROR"), ready, message("D"), ready];

/** Reads in pieces; answers all that passed, and the failure. */
function read(pieces: Buffer[]) {
  const messages = readServerMessages(true);
  const passed: Buffer[] = [];
  for (const piece of pieces) {
    const { passing, failure } = messages.read(piece);
    passed.push(passing);
    if (failure) return { passed: Buffer.concat(passed), failure, phase: messages.phase };
  }
  return { passed: Buffer.concat(passed), failure: undefined, phase: messages.phase };
}

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const points = [...new Set(at.map((point) => point % bytes.length))].sort((a, b) => a - b);
  return [0, ...points].map((point, index) => bytes.subarray(point, points[index]));
}

const cuts = fc.array(fc.nat(), { maxLength: 40 });

test("however it arrives, what the server says passes as it is", () => {
  const bytes = Buffer.concat([...opening, ...types, ...rows]);
  fc.assert(
    fc.property(cuts, (at) => {
      expect(read(cut(bytes, at))).toEqual({ passed: bytes, failure: undefined, phase: "open" });
    }),
  );
});

test.each([
  ["before the connection is open", [] as Buffer[], "starting"],
  ["while types are fetched", opening, "fetching types"],
  ["afterwards", [...opening, ...types, ...rows], "open"],
] as const)("however it arrives, an error that ends the connection %s does not pass", (_, before, phase) => {
  const passing = Buffer.concat([...before]);
  const bytes = Buffer.concat([passing, error("FATAL"), message("D", "never said")]);
  fc.assert(
    fc.property(cuts, (at) => {
      const { passed, failure, phase: reached } = read(cut(bytes, at));
      expect(passed.equals(passing)).toBe(true);
      expect(reached).toBe(phase);
      expect(failure).toMatchObject({ code: "57P01", message: "the end", severity: "FATAL" });
    }),
  );
});

test("any error while types are fetched ends the connection", () => {
  const { failure } = read([Buffer.concat([...opening, error("ERROR"), ready])]);
  expect(failure).toMatchObject({ code: "57P01", severity: "ERROR" });
});

test("before the connection is open only whole messages pass", () => {
  const bytes = Buffer.concat([...opening, types[0] ?? ready]);
  expect(read([bytes.subarray(0, -2)]).passed).toEqual(Buffer.concat(opening));
});

test("a connection that fetches no types is open once it is ready", () => {
  const messages = readServerMessages(false);
  messages.read(Buffer.concat(opening));
  expect(messages.phase).toBe("open");
});
