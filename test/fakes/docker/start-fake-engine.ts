/**
 * A Docker engine of one machine, as far as the host `docker` uses it: on a unix socket, with the engine's own words in
 * errors. The test in charge sets what goes wrong; effects are listed in order.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSwarm, type FakeSpec } from "./swarm.ts";

interface Network {
  Id: string;
  Name: string;
  Created: string;
  Labels: Record<string, string>;
  /** Container name to its aliases. */
  members: Map<string, string[]>;
}

interface Secret {
  ID: string;
  Spec: { Name: string; Labels: Record<string, string>; Data: string };
}

/** What goes wrong with the next effect whose "METHOD path" begins like this; `lost` takes effect first. */
interface Fault {
  on: string;
  kind: "lost" | "hang" | "stale" | { status: number; message: string };
}

export type FakeEngine = Awaited<ReturnType<typeof startFakeEngine>>;

export async function startFakeEngine({ apiVersion = "1.41" } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "federation-docker-"));
  const swarm = createSwarm();
  const networks = new Map<string, Network>();
  const secrets = new Map<string, Secret>();
  const containers = new Set<string>();
  const nodes = [{ Spec: { Labels: { region: "eu" } as Record<string, string> } }];
  const faults: Fault[] = [];
  const effects: string[] = [];
  let createdAt = 0;

  function addNetwork(Name: string, Labels: Record<string, string>): Network {
    const Id = id();
    createdAt += 1;
    const Created = new Date(createdAt).toISOString();
    const network: Network = { Id, Name, Created, Labels, members: new Map() };
    networks.set(Id, network);
    return network;
  }

  function networkCall(method: string, parts: string[], body: Body): Answer {
    if (method === "POST" && parts[0] === "create") {
      if ([...networks.values()].some((one) => one.Name === body.Name))
        return refuse(500, "rpc error: code = Unknown desc = name conflicts with an existing object");
      return json(201, { Id: addNetwork(body.Name, body.Labels).Id });
    }
    const network = networks.get(parts[0] ?? "");
    if (!network) return refuse(404, `network ${parts[0]} not found`);
    const name = body.Container;
    if (parts[1] === "connect") {
      if (!containers.has(name)) return refuse(404, `No such container: ${name}`);
      if (network.members.has(name))
        return refuse(409, `${name} is already attached to network ${network.Name}`);
      network.members.set(name, body.EndpointConfig.Aliases);
      return json(200, {});
    }
    if (parts[1] === "disconnect") {
      if (!network.members.delete(name)) return refuse(500, `container ${name} is not connected to network`);
      return json(200, {});
    }
    if (method === "GET") return json(200, { ...network, Containers: membersOf(network) });
    const service = [...swarm.services.values()].find(({ Spec }) => uses(Spec, network));
    const isBusy = service ?? (network.members.size > 0 || swarm.tasks().some((task) => isIn(task, network)));
    if (isBusy)
      return refuse(400, `rpc error: desc = network ${network.Id} is in use by ${service?.ID ?? "task"}`);
    networks.delete(network.Id);
    return json(204);
  }

  function serviceCall(method: string, parts: string[], body: Body, query: URLSearchParams): Answer {
    const found = [...swarm.services.values()];
    if (method === "POST" && parts[0] === "create") {
      if (found.some(({ Spec }) => Spec.Name === body.Name))
        return refuse(409, `name conflicts with an existing object: service ${body.Name} already exists`);
      return json(201, { ID: swarm.create(body).ID });
    }
    const service = swarm.services.get(parts[0] ?? "");
    if (!service) return refuse(404, `service ${parts[0]} not found`);
    if (parts[1] === "logs") return { status: 200, body: multiplexed(logs) };
    if (parts[1] === "update") {
      if (query.get("version") !== String(service.Version.Index))
        return refuse(500, "rpc error: code = Unknown desc = update out of sequence");
      swarm.change(service, body);
      return json(200, { Warnings: null });
    }
    if (method === "DELETE" && !swarm.remove(service)) return refuse(500, "panic: nil pointer dereference");
    return json(200, service);
  }

  function secretCall(method: string, parts: string[], body: Body): Answer {
    if (method === "POST") {
      if ([...secrets.values()].some(({ Spec }) => Spec.Name === body.Name))
        return refuse(409, `rpc error: code = AlreadyExists desc = secret ${body.Name} already exists`);
      const ID = id();
      secrets.set(ID, { ID, Spec: { Name: body.Name, Labels: body.Labels, Data: body.Data } });
      return json(201, { ID });
    }
    const ID = parts[0] ?? "";
    if (!secrets.has(ID)) return refuse(404, `secret ${ID} not found`);
    const isUsed = [...swarm.services.values()].some(({ Spec }) =>
      Spec.TaskTemplate.ContainerSpec.Secrets?.some(({ SecretID }) => SecretID === ID),
    );
    if (isUsed) return refuse(400, `secret '${ID}' is in use by the following service`);
    secrets.delete(ID);
    return json(204);
  }

  function list(kind: string, query: URLSearchParams): Answer | undefined {
    const fits = (found: Record<string, string>) =>
      labelsOf(query).every(([name, value]) => found[name] === value);
    if (kind === "networks")
      return json(
        200,
        [...networks.values()].filter((one) => fits(one.Labels)),
      );
    if (kind === "services")
      return json(
        200,
        [...swarm.services.values()].filter((one) => fits(one.Spec.Labels)),
      );
    if (kind === "secrets") {
      const found = [...secrets.values()].filter((one) => fits(one.Spec.Labels));
      return json(
        200,
        found.map(({ ID, Spec }) => ({ ID, Spec: { Name: Spec.Name, Labels: Spec.Labels } })),
      );
    }
    if (kind === "tasks")
      return json(
        200,
        swarm.tasks().filter((one) => fits(one.serviceLabels)),
      );
    return kind === "nodes" ? json(200, nodes) : undefined;
  }

  function route(method: string, url: URL, body: Body): Answer {
    const [, , kind = "", ...parts] = url.pathname.split("/");
    const listed = parts.length === 0 && method === "GET" ? list(kind, url.searchParams) : undefined;
    if (listed) return listed;
    if (kind === "networks") return networkCall(method, parts, body);
    if (kind === "services") return serviceCall(method, parts, body, url.searchParams);
    if (kind === "secrets") return secretCall(method, parts, body);
    const name = decodeURIComponent(parts[0] ?? "");
    if (kind !== "containers" || !containers.has(name)) return refuse(404, `No such container: ${name}`);
    const joined = [...networks.values()].filter((network) => network.members.has(name));
    const Networks = Object.fromEntries(joined.map(({ Id, Name }) => [Name, { NetworkID: Id }]));
    return json(200, { NetworkSettings: { Networks } });
  }

  const logs: string[] = [];
  const socket = join(directory, "docker.sock");
  const server = Bun.serve({
    unix: socket,
    async fetch(req) {
      const url = new URL(req.url);
      if (url.pathname === "/_ping") return new Response("OK", { headers: { "api-version": apiVersion } });
      const body: Body = JSON.parse((await req.text()) || "{}");
      const what = `${req.method} ${url.pathname.replace(/^\/v1\.\d+/, "")}`;
      const at = faults.findIndex(({ on }) => what.startsWith(on));
      const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.kind;
      if (fault === "hang") return await new Promise<never>(() => {});
      if (typeof fault === "object") return responseOf(refuse(fault.status, fault.message));
      if (fault === "stale") for (const service of swarm.services.values()) swarm.touch(service);
      const answer = route(req.method, url, body);
      if (req.method !== "GET" && answer.status < 300) effects.push(what);
      if (fault === "lost") return new Response(new ReadableStream({ pull: (stream) => stream.error() }));
      return responseOf(answer);
    },
  });

  return {
    host: `unix://${socket}`,
    swarm,
    networks,
    secrets,
    containers,
    nodes,
    addNetwork,
    /** Lines of every service, as the engine frames them. */
    logs,
    /** What was changed, in order, as "METHOD path". */
    effects,
    failNext: (on: string, kind: Fault["kind"]) => void faults.push({ on, kind }),
    async close() {
      swarm.close();
      await server.stop(true);
      await rm(directory, { recursive: true });
    },
  };
}

interface Answer {
  status: number;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** Of a request of ours, whose shape the tests of the service's spec state. */
type Body = FakeSpec & {
  Container: string;
  EndpointConfig: { Aliases: string[] };
  Data: string;
};

const id = () => crypto.randomUUID().replaceAll("-", "").slice(0, 25);
const json = (status: number, value?: unknown): Answer =>
  value === undefined ? { status } : { status, body: JSON.stringify(value) };
const refuse = (status: number, message: string) => json(status, { message });
const responseOf = ({ status, body }: Answer) => new Response(body ?? null, { status });

const uses = (spec: FakeSpec, { Id }: Network) =>
  spec.TaskTemplate.Networks?.some(({ Target }) => Target === Id) ?? false;
const isIn = (task: { Spec: FakeSpec["TaskTemplate"] }, { Id }: Network) =>
  task.Spec.Networks?.some(({ Target }) => Target === Id) ?? false;
const membersOf = ({ members, Name }: Network) =>
  Object.fromEntries([...members.keys(), `lb-${Name}`].map((name) => [name, {}]));

function labelsOf(query: URLSearchParams): [string, string][] {
  const { label = [] }: { label?: string[] } = JSON.parse(query.get("filters") ?? "{}");
  return label.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]);
}

function multiplexed(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  const frames = lines.map((line, at) => {
    const text = Buffer.from(`${line}\n`);
    const header = Buffer.alloc(8);
    header.writeUInt8(1 + (at % 2), 0);
    header.writeUInt32BE(text.length, 4);
    return Buffer.concat([header, text]);
  });
  return new Uint8Array(Buffer.concat(frames));
}
