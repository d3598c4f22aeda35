import {
  type AvailabilityResponse,
  Job,
  type RegisterWorkerRequest,
  ServerMessage,
  type UpdateWorkerStatus,
  WorkerMessage,
} from "@livekit/protocol";
import { jwtVerify } from "jose";

export interface StubLiveKit {
  url: string;
  state: {
    /** Whether a registration is answered; those that wait are when it becomes true. */
    answersRegistration: boolean;
    /** Where the workers' jobs are told to go. */
    roomUrl: string;
  };
  registrations: RegisterWorkerRequest[];
  statuses: UpdateWorkerStatus[];
  availabilities: AvailabilityResponse[];
  /** Authorization that did not fit. */
  refused: number;
  /** Offers a job to the worker; assigned as soon as it is accepted. */
  offerJob(id: string): void;
  stop(): Promise<void>;
  /** On the same port. */
  start(): void;
}

/** LiveKit's side of the worker protocol at /agent, for one worker at a time. */
export function startStubLiveKit({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }): StubLiveKit {
  let socket: Bun.ServerWebSocket | undefined;
  let accepting = true;
  const send = (message: ConstructorParameters<typeof ServerMessage>[0]) =>
    socket?.sendBinary(new ServerMessage(message).toBinary());
  const register = () =>
    send({ message: { case: "register", value: { workerId: "worker-1", serverInfo: { version: "1" } } } });

  const stub: Omit<StubLiveKit, "url" | "stop" | "start"> = {
    state: {
      get answersRegistration() {
        return accepting;
      },
      set answersRegistration(value) {
        accepting = value;
        if (value && stub.registrations.length > 0) register();
      },
      roomUrl: "ws://127.0.0.1:1",
    },
    registrations: [],
    statuses: [],
    availabilities: [],
    refused: 0,
    offerJob: (id) => send({ message: { case: "availability", value: { job: jobOf(id) } } }),
  };

  function receive(bytes: Buffer) {
    const { message } = WorkerMessage.fromBinary(bytes);
    if (message.case === "register") {
      stub.registrations.push(message.value);
      if (accepting) register();
    }
    if (message.case === "updateWorker") stub.statuses.push(message.value);
    if (message.case === "availability") {
      stub.availabilities.push(message.value);
      if (!message.value.available) return;
      const value = { job: jobOf(message.value.jobId), url: stub.state.roomUrl, token: "room-token" };
      send({ message: { case: "assignment", value } });
    }
  }

  const serve = (port: number) =>
    Bun.serve({
      port,
      hostname: "127.0.0.1",
      async fetch(req, server) {
        if (new URL(req.url).pathname !== "/agent") return new Response("not found", { status: 404 });
        if (!(await isWorker(req, apiKey, apiSecret))) {
          stub.refused++;
          return new Response("unauthorized", { status: 401 });
        }
        return server.upgrade(req) ? undefined : new Response("a websocket is needed", { status: 400 });
      },
      websocket: {
        open: (opened) => void (socket = opened),
        message(_, data) {
          if (typeof data !== "string") receive(data);
        },
      },
    });

  let server = serve(0);
  const { port = 0 } = server;
  return Object.assign(stub, {
    url: `ws://127.0.0.1:${port}`,
    stop: () => server.stop(true),
    start: () => void (server = serve(port)),
  });
}

const jobOf = (id: string) =>
  new Job({ id, agentName: "dept-hr-ab12", room: { name: "room-1", sid: "RM_1" } });

async function isWorker(req: Request, apiKey: string, apiSecret: string): Promise<boolean> {
  const token = req.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  const secret = new TextEncoder().encode(apiSecret);
  const claims = await jwtVerify(token, secret, { issuer: apiKey, algorithms: ["HS256"] }).catch(
    () => undefined,
  );
  const { agent } = (claims?.payload["video"] ?? {}) as { agent?: boolean };
  return agent === true;
}
