export interface SpecialRange {
  /** First address and length of the prefix. */
  range: string;
  name: string;
}

/**
 * Everything of IPv4 that is no public host: IANA's special-purpose registry (RFC 6890 and its updates), multicast, and
 * one public address at which a cloud answers its own machines.
 */
export const specialRanges4: readonly SpecialRange[] = [
  { range: "0.0.0.0/8", name: "this network" },
  { range: "10.0.0.0/8", name: "private" },
  { range: "100.64.0.0/10", name: "carrier-grade NAT" },
  { range: "127.0.0.0/8", name: "loopback" },
  { range: "168.63.129.16/32", name: "Azure's host" },
  { range: "169.254.0.0/16", name: "link-local, cloud metadata" },
  { range: "172.16.0.0/12", name: "private" },
  { range: "192.0.0.0/24", name: "protocol assignments" },
  { range: "192.0.2.0/24", name: "documentation" },
  { range: "192.31.196.0/24", name: "AS112" },
  { range: "192.52.193.0/24", name: "AMT" },
  { range: "192.88.99.0/24", name: "6to4 relays" },
  { range: "192.168.0.0/16", name: "private" },
  { range: "192.175.48.0/24", name: "AS112" },
  { range: "198.18.0.0/15", name: "benchmarks" },
  { range: "198.51.100.0/24", name: "documentation" },
  { range: "203.0.113.0/24", name: "documentation" },
  { range: "224.0.0.0/4", name: "multicast" },
  { range: "240.0.0.0/4", name: "reserved, broadcast" },
];

/** What is global unicast at all; everything else of IPv6 is refused without being named. */
export const globalUnicast6 = "2000::/3";

/** The same of IPv6; those outside of `globalUnicast6` are here so that the refusal has a name. */
export const specialRanges6: readonly SpecialRange[] = [
  { range: "::/128", name: "unspecified" },
  { range: "::1/128", name: "loopback" },
  { range: "::/96", name: "IPv4-compatible" },
  { range: "::ffff:0:0/96", name: "IPv4-mapped" },
  { range: "::ffff:0:0:0/96", name: "IPv4-translated" },
  { range: "64:ff9b::/96", name: "NAT64" },
  { range: "64:ff9b:1::/48", name: "local NAT64" },
  { range: "100::/64", name: "discard" },
  { range: "100:0:0:1::/64", name: "dummy" },
  { range: "2001::/32", name: "Teredo" },
  { range: "2001::/23", name: "protocol assignments" },
  { range: "2001:db8::/32", name: "documentation" },
  { range: "2002::/16", name: "6to4" },
  { range: "2620:4f:8000::/48", name: "AS112" },
  { range: "3fff::/20", name: "documentation" },
  { range: "5f00::/16", name: "segment routing" },
  { range: "fc00::/7", name: "unique local, cloud metadata" },
  { range: "fe80::/10", name: "link-local" },
  { range: "fec0::/10", name: "site-local" },
  { range: "ff00::/8", name: "multicast" },
];
