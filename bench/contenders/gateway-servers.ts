import { join } from "node:path";
import { SignJWT } from "jose";
import { z } from "zod";
import { isReady } from "../../src/client/ready.ts";
import { childEnvironment } from "../../src/config.ts";
import { choosePort } from "../../src/up/choose-port.ts";
import type { GatewayWorld } from "./gateway-world.ts";

/** A server that answers POST /api/v1/cross-dept/query. */
export interface Served {
  url: string;
  /** One for each department, in their order. */
  tokens: string[];
  stop(): Promise<void>;
}

const root = join(import.meta.dir, "../..");
const path = "/api/v1/cross-dept/query";

/** The product's web process; tokens are asked from it as an agent does. */
export async function startWeb({ urls, kek, departments }: GatewayWorld): Promise<Served> {
  const origin = `http://127.0.0.1:${await choosePort(0, "127.0.0.1")}`;
  const web = Bun.spawn([process.execPath, "src/server.ts"], {
    cwd: root,
    env: childEnvironment({
      FEDERATION_ENV: "development",
      PORT: new URL(origin).port,
      PUBLIC_URL: origin,
      DATABASE_URL: urls.app,
      DATABASE_GATEWAY_URL: urls.gateway,
      DATABASE_ADMIN_URL: undefined,
      FEDERATION_KEK: kek,
      FEDERATION_KEK_PREVIOUS: undefined,
      LOG_LEVEL: "info",
    }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    while (!(await isReady(origin))) {
      if (web.exitCode !== null) throw new Error(`the web process ended with ${web.exitCode}`);
      await Bun.sleep(5);
    }
    const tokens = [];
    for (const { keyId, secret } of departments) tokens.push(await askToken(origin, keyId, secret));
    return { url: origin + path, tokens, stop: () => stop(web) };
  } catch (error) {
    await stop(web);
    throw error;
  }
}

async function askToken(origin: string, keyId: string, secret: string): Promise<string> {
  const response = await fetch(`${origin}/api/v1/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: keyId, client_secret: secret }),
  });
  if (!response.ok) throw new Error(`no token: ${await response.text()}`);
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

/** Express under Node. */
export async function startClassic(
  { urls, departments }: GatewayWorld,
  options: { poolMax: number; oneTable: boolean },
): Promise<Served> {
  const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  const setup = JSON.stringify({ databaseUrl: urls.admin, secret, ...options });
  const server = Bun.spawn(["node", join(root, "bench/peers/classic-server.mjs"), setup], {
    env: childEnvironment({ NODE_ENV: "production" }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { value } = await server.stdout.getReader().read();
  const origin = new TextDecoder().decode(value).trim();
  if (!origin.startsWith("http")) throw new Error("the classic server did not start");
  const key = new TextEncoder().encode(secret);
  const tokens = await Promise.all(
    departments.map(({ id }) =>
      new SignJWT({ department: id }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(key),
    ),
  );
  return { url: origin + path, tokens, stop: () => stop(server) };
}

async function stop(child: Bun.Subprocess): Promise<void> {
  child.kill("SIGTERM");
  await child.exited;
}
