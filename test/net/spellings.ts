// Ways to write "this machine", for the walk in send.test.ts: each has to be refused before any connection is made.
const loopbacks = ["127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0"];
const inside = [
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "224.0.0.1",
  "255.255.255.255",
];

/** Host parts of URLs. */
export function hostsInside(): string[] {
  const fours = [...loopbacks, ...inside].flatMap(spellings4);
  const sixes = [...loopbacks, ...inside].flatMap(spellings6);
  return [...new Set([...fours, ...sixes, ...names])];
}

/** Whole URLs around a host and a port. */
export function urlsAround(host: string, port: number): string[] {
  const at = `${host}:${port}`;
  return [
    `http://${at}/`,
    `http://${at}`,
    `http://${at}?a=b`,
    `https://${at}/`,
    `HTTP://${at}/`,
    `http:/${at}/`,
    `http:${at}/`,
    `http:\\\\${at}\\`,
    `http:///${at}/`,
    `//${at}/`,
    ` http://${at}/`,
    `http://\t${at}/`,
    `ht\ntp://${at}/`,
    `http://user@${at}/`,
    `http://user:pass@${at}/`,
    `http://public.example@${at}/`,
    `http://public.example:80@${at}/`,
    `http://public.example%40${at}/`,
    `http://${at}\\@public.example/`,
    `http://${at}#@public.example/`,
    `http://public.example\\@${at}/`,
    `http://public.example#@${at}/`.replace("#", "\\#"),
    `http://${host}.:${port}/`,
    `http://${host}:0${port}/`,
    `http://${host}:${port}0/`,
    `http://${host}:+${port}/`,
    `http://${host}:${port}:80/`,
    `ftp://${at}/`,
    `gopher://${at}/`,
    `file://${at}/`,
    `ws://${at}/`,
    `data:text/plain,${at}`,
  ];
}

function spellings4(address: string): string[] {
  const parts = address.split(".").map(Number);
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const bases: ((n: number) => string)[] = [
    (n) => String(n),
    (n) => `0${n.toString(8)}`,
    (n) => `00000${n.toString(8)}`,
    (n) => `0x${n.toString(16)}`,
    (n) => `0X${n.toString(16).toUpperCase()}`,
    (n) => `0x0000${n.toString(16)}`,
  ];
  const mixed = bases.flatMap((first) =>
    bases.flatMap((last) => [
      `${first(a)}.${last(b)}.${first(c)}.${last(d)}`,
      `${first(a)}.${first(b)}.${last(c * 256 + d)}`,
      `${first(a)}.${last((b * 256 + c) * 256 + d)}`,
    ]),
  );
  const whole = bases.map((base) => base(value));
  const dressed = [
    `${address}.`,
    `${address}..`,
    `.${address}`,
    `[${address}]`,
    address.replaceAll(".", "。"),
    address.replaceAll(".", "．"),
    address.replaceAll(".", "%2e"),
    [...address]
      .map((letter) => (letter === "." ? letter : String.fromCodePoint(0xff10 + Number(letter))))
      .join(""),
    [...address].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(""),
    circled(address),
    `${address}%00`,
    `${address}%20`,
    `${address}\u00ad`,
    `0${address}`,
    `${address}.0`,
  ];
  return [...mixed, ...whole, ...dressed];
}

const circled = (address: string) =>
  [...address]
    .map((letter) => (/[1-9]/.test(letter) ? String.fromCodePoint(0x245f + Number(letter)) : letter))
    .join("");

function spellings6(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  const hex = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16));
  const low = hex.join(":");
  const long = hex.map((group) => group.padStart(4, "0")).join(":");
  const prefixes = [
    "::ffff:",
    "::",
    "::ffff:0:",
    "64:ff9b::",
    "64:ff9b:1::",
    "0:0:0:0:0:ffff:",
    "0000:0000:0000:0000:0000:FFFF:",
  ];
  const embedded = prefixes.flatMap((prefix) => [low, long, address].map((tail) => `[${prefix}${tail}]`));
  const wrapped = [`[2002:${low}::]`, `[2002:${low}::1]`, `[2001:0:${low}::]`, `[2001:0:1:2:3:4:${low}]`];
  return [...embedded, ...wrapped];
}

const names = [
  ...[
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0:1]",
    "[::1%25lo]",
    "[::1%lo]",
  ],
  ...[
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[fec0::1]",
  ],
  ...["[::1", "::1", "[::1].", "[[::1]]", "[v1.fe80]", "[]", "[::ffff:127.1]", "[::ffff:0x7f000001]"],
  ...[
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.localdomain",
    "inside.test",
    "INSIDE.test",
    "inside.test.",
    "mixed.test",
  ],
  ...[
    "mapped.test",
    "nat64.test",
    "metadata.test",
    "broken.test",
    "nothing.test",
    "xn--inside-.test",
    "ｌocalhost",
    "lo%63alhost",
  ],
  ...[
    "locⓐlhost",
    "127.0.0.1.nip.test",
    "a b",
    "a,b",
    "a;b",
    "-.test",
    "a..b",
    "",
    ".",
    "..",
    "*",
    "%",
    "inside%2etest",
  ],
];
