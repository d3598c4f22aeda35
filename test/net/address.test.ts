import { expect, test } from "bun:test";
import { isWithin, parseAddress, parsePrefix } from "../../src/net/address.ts";
import { findSpecialRange } from "../../src/net/find-special-range.ts";
import { specialRanges4, specialRanges6 } from "../../src/net/special-ranges.ts";

const special = (text: string) => {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} is no address`);
  return findSpecialRange(address);
};

test("an address is read in its usual spelling only", () => {
  for (const text of [
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "1::",
    "2001:DB8::1",
    "::ffff:1.2.3.4",
  ])
    expect([text, parseAddress(text) !== undefined]).toEqual([text, true]);
  for (const text of [
    ...[
      "",
      "127.1",
      "127.0.0.01",
      "0x7f.0.0.1",
      "2130706433",
      "127.0.0.1.",
      "256.0.0.1",
      "1.2.3.4.5",
      " 1.2.3.4",
    ],
    ...[
      ":",
      ":::",
      "1:::2",
      "::1::",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "fe80::1%eth0",
      "[::1]",
      "::12345",
    ],
    ...["1.2.3.4::", "1:2:3:4:5:6:7::8", "::1/64", "12345::", "g::"],
  ])
    expect([text, parseAddress(text)]).toEqual([text, undefined]);
});

test("IPv6 is read as the URL parser reads it", () => {
  for (const text of [
    "::",
    "1::",
    "::2",
    "1:2::7:8",
    "::ffff:10.0.0.1",
    "2606:4700::6810:85e5",
    "1:2:3:4:5:6:1.2.3.4",
  ]) {
    const normal = new URL(`http://[${text}]/`).hostname.slice(1, -1);
    expect([text, parseAddress(text)]).toEqual([text, parseAddress(normal)]);
  }
});

test("the first and the last address of every special range are refused, and the ones next to it are not", () => {
  const known = [...specialRanges4, ...specialRanges6].map(({ range }) => parsePrefix(range));
  for (const { range } of [...specialRanges4, ...specialRanges6]) {
    const prefix = parsePrefix(range);
    if (!prefix) throw new Error(`${range} is no prefix`);
    const bits = prefix.version === 4 ? 32 : 128;
    const last = prefix.value + (1n << BigInt(bits - prefix.length)) - 1n;
    expect([range, prefix.value & ((1n << BigInt(bits - prefix.length)) - 1n)]).toEqual([range, 0n]);
    for (const value of [prefix.value, last])
      expect([range, findSpecialRange({ version: prefix.version, value }) !== undefined]).toEqual([
        range,
        true,
      ]);
    for (const value of [prefix.value - 1n, last + 1n]) {
      const address = { version: prefix.version, value };
      const outside =
        value < 0n || value >= 1n << BigInt(bits) || known.some((other) => other && isWithin(address, other));
      const isPublic = prefix.version === 4 || value >> 125n === 1n;
      if (!outside && isPublic) expect([range, findSpecialRange(address)]).toEqual([range, undefined]);
    }
  }
});

test("what lies inside, and every dress it comes in, is refused by name", () => {
  const inside: [string, RegExp][] = [
    ["127.0.0.1", /loopback/],
    ["10.1.2.3", /private/],
    ["172.31.255.255", /private/],
    ["192.168.0.1", /private/],
    ["100.64.0.1", /carrier/],
    ["169.254.169.254", /metadata/],
    ["100.100.100.200", /carrier/],
    ["168.63.129.16", /Azure/],
    ["192.0.0.192", /assignments/],
    ["255.255.255.255", /broadcast/],
    ["::1", /loopback/],
    ["::7f00:1", /compatible/],
    ["::ffff:127.0.0.1", /mapped/],
    ["::ffff:0:127.0.0.1", /translated/],
    ["64:ff9b::7f00:1", /NAT64/],
    ["64:ff9b:1::a00:1", /NAT64/],
    ["2002:7f00:1::", /6to4/],
    ["2001:0:7f00:1::", /Teredo/],
    ["fd00:ec2::254", /metadata/],
    ["fe80::1", /link-local/],
    ["4000::1", /not global unicast/],
  ];
  for (const [text, name] of inside)
    expect([text, special(text)]).toEqual([text, expect.stringMatching(name)]);
});

test("public hosts are not refused", () => {
  for (const text of [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "2001:4860::8888",
  ])
    expect([text, special(text)]).toEqual([text, undefined]);
});
