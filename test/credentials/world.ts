// Departments with a Google credential each, over the fake Google and a database of their own.
import { join } from "node:path";
import { Secret } from "../../src/crypto/secret.ts";
import { clientSecretPlace, credentialPlace } from "../../src/credentials/places.ts";
import { withTx } from "../../src/db/tx.ts";
import { type FakeGoogleOptions, startFakeGoogle } from "../fakes/google/start-fake-google.ts";
import { type TestDepartment, testEdge } from "../http/edge.ts";

export type OAuthTestWorld = Awaited<ReturnType<typeof startOAuthTestWorld>>;

export interface TestCredential {
  id: string;
  department: TestDepartment;
  /** What the fake counts its refreshes by. */
  origin: string;
  clientId: string;
}

const scopes = ["openid", "email", "https://www.googleapis.com/auth/calendar.events"];

export async function startOAuthTestWorld(options: FakeGoogleOptions = {}) {
  const google = await startFakeGoogle(options);
  const edge = await testEdge({ issuer: google.issuer });
  const { sql, deps, database } = edge;
  const processes: TokenProcess[] = [];

  /** An active credential whose access token has so many seconds left. */
  async function addCredential(leftSeconds = 3000, status = "active"): Promise<TestCredential> {
    const department = await edge.addDepartment({ status });
    await withTx(deps.db.app, (tx) => deps.vault.ensureDepartmentKey(tx, department.id));
    const client = google.addClient();
    const { token } = google.store.addRefreshToken(client.clientId, "1", scopes);
    const [id, clientRow] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
    const seal = (column: "refresh_sealed" | "access_sealed", text: string) =>
      deps.vault.seal(credentialPlace(department.id, id, column), text);
    const secret = await deps.vault.seal(clientSecretPlace(clientRow), client.clientSecret);
    await sql`
      insert into federation.oauth_client (id, client_id, secret_sealed, project, origin, status, department_id, leased_at)
      values (${clientRow}, ${client.clientId}, ${secret}, ${client.project}, 'pool', 'leased', ${department.id}, now())`;
    await sql`
      insert into federation.credential (id, department_id, service, oauth_client_id, status, scopes_wanted,
        scopes_granted, subject, refresh_sealed, access_sealed, access_expires_at, consented_at)
      values (${id}, ${department.id}, 'google', ${clientRow}, 'active', ${scopes}, ${scopes}, '1',
        ${await seal("refresh_sealed", token)}, ${await seal("access_sealed", "ya29.first")},
        now() + make_interval(secs => ${leftSeconds}), now())`;
    return { id, department, origin: token, clientId: client.clientId };
  }

  return {
    google,
    edge,
    addCredential,
    /** What the refresh of this process works with. */
    means: { sql: deps.db.app, vault: deps.vault, oauth: deps.oauth, log: deps.log },
    /** The row as it lies there. */
    async row(id: string): Promise<Record<string, unknown>> {
      const [row] = await sql`select * from federation.credential where id = ${id}`;
      if (!row) throw new Error("no such credential");
      return row;
    },
    refreshToken: async (id: string, departmentId: string) => {
      const [row] = await sql`select refresh_sealed as sealed from federation.credential where id = ${id}`;
      return new Secret(
        await deps.vault.open(credentialPlace(departmentId, id, "refresh_sealed"), row?.["sealed"]),
      );
    },
    /** Its access token has ended. */
    expire: (id: string) => sql`
      update federation.credential set access_expires_at = clock_timestamp() - interval '1 s',
        next_refresh_at = clock_timestamp() where id = ${id}`,
    /** As if the holder's time were over, or a pause. */
    endHold: (id: string) => sql`
      update federation.credential set refresh_until = clock_timestamp() where id = ${id} and status = 'refreshing'`,
    endPause: (id: string) => sql`
      update federation.credential set next_refresh_at = clock_timestamp() where id = ${id}`,
    callsOf: (origin: string) => google.refreshes.filter((call) => call.origin === origin),
    async events(departmentId: string): Promise<string[]> {
      const rows = await sql<{ type: string }[]>`
        select type from federation.webhook_event where department_id = ${departmentId} order by created_at`;
      return rows.map(({ type }) => type);
    },
    async audited(departmentId: string, action = "credential.refresh"): Promise<string[]> {
      const rows = await sql<{ said: string }[]>`
        select concat_ws(' ', decision, reason) as said from audit.event
        where stream = ${departmentId} and action = ${action} order by seq`;
      return rows.map(({ said }) => said);
    },
    /** Another process that asks for tokens. */
    async startProcess(): Promise<TokenProcess> {
      const started = await startTokenProcess({
        DATABASE_URL: database.appUrl,
        DATABASE_GATEWAY_URL: database.gatewayUrl,
        FEDERATION_KEK: deps.config.kek?.reveal(),
        OAUTH_ISSUER: google.issuer,
        LOG_LEVEL: "silent",
      });
      processes.push(started);
      return started;
    },
    async close() {
      await Promise.all(processes.map((one) => one.close()));
      await edge.close();
      await google.close();
    },
  };
}

export interface Gotten {
  /** Different tokens that callers were given. */
  tokens: string[];
  /** Codes of the errors they got instead. */
  errors: string[];
}

export interface TokenProcess {
  pid: number;
  /** So many callers ask for the same token at the same instant. */
  get(credentialId: string, callers: number): Promise<Gotten>;
  kill(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

/** test/credentials/token-process.ts with this environment. */
async function startTokenProcess(environment: Record<string, string | undefined>): Promise<TokenProcess> {
  const waiting = new Map<number, (gotten: Gotten) => void>();
  const ready = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, new URL("./token-process.ts", import.meta.url).pathname], {
    cwd: join(import.meta.dir, "../.."),
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["ignore", "ignore", "inherit"],
    ipc(message: "ready" | { asked: number; gotten: Gotten }) {
      if (message === "ready") return ready.resolve();
      waiting.get(message.asked)?.(message.gotten);
      waiting.delete(message.asked);
    },
  });
  void child.exited.then(() => ready.reject(new Error("the token process ended")));
  await ready.promise;
  let asked = 0;
  return {
    pid: child.pid,
    get(credentialId, callers) {
      asked += 1;
      const gotten = new Promise<Gotten>((resolve) => waiting.set(asked, resolve));
      child.send({ asked, credentialId, callers });
      return gotten;
    },
    kill: (signal) => child.kill(signal),
    async close() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
