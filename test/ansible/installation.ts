import { gateway, internet } from "./machines.ts";

/** Of the machines. */
export const addresses = { edge: "10.77.0.11", db1: "10.77.0.21", db2: "10.77.0.22" };
export type Name = keyof typeof addresses;

/** templates/ansible as its README says, on three machines of Debian 12 that boot systemd. */
export const inventory = {
  all: {
    hosts: {
      edge: at("edge"),
      db1: at("db1"),
      db2: { ...at("db2"), docker_node_labels: { region: "eu-west", zone: "b" } },
    },
    vars: { ansible_user: "root" },
    children: {
      ...group("swarm_managers", "edge"),
      ...group("swarm_workers", "db2"),
      ...group("postgres_primary", "db1"),
      ...group("postgres_replicas", "db2"),
      ...group("pgbouncer", "db1"),
      ...group("control_plane", "edge"),
      ...group("proxies", "edge"),
    },
  },
};

const egress = [
  { name: "allowed.test", ports: [8080] },
  { name: "moved.test", ports: [8080] },
  { name: "metadata.test", ports: [80] },
  { cidr: `${internet[2]}/32`, ports: ["8000-8100"] },
];

export const settings = {
  // Their lists of packages are as old as the image that they are made of.
  base_apt_cache_seconds: 31_536_000,
  firewall_ssh_from: [`${gateway}/32`],
  firewall_dns_servers: [gateway],
  firewall_pgbouncer_from: [`${gateway}/32`],
  firewall_published_tcp: [8081],
  firewall_host_egress: egress,
  firewall_container_egress: egress,
  docker_api: true,
  postgres_shared_buffers: "64MB",
  caddy_domain: "assistants.test",
  caddy_tls_internal: true,
  federation_image: "federation:test",
  federation_settings: { HOSTS: "docker", AGENT_IMAGE: "federation-agent:test", TRUSTED_PROXIES: "1" },
};

function at(name: Name) {
  return { ansible_host: addresses[name], federation_address: addresses[name] };
}

export function group(name: string, ...hosts: Name[]) {
  return { [name]: { hosts: Object.fromEntries(hosts.map((host) => [host, null])) } };
}
