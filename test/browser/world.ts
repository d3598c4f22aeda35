import { choosePort } from "../../src/up/choose-port.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import type { Page } from "playwright-core";

export interface World {
  edge: Edge;
  origin: string;
  /** Who asks and who is asked. */
  source: TestDepartment;
  target: TestDepartment;
  sourceKey: string;
  targetKey: string;
  close(): Promise<void>;
}

/** The web edge on loopback over a database of its own, with two departments that have an admin each. */
export async function consoleWorld({
  issuer,
  environment,
}: { issuer?: string; environment?: Record<string, string> } = {}): Promise<World> {
  const port = await choosePort(0, "127.0.0.1");
  const publicUrl = `http://127.0.0.1:${port}`;
  const edge = await testEdge({
    environment: { PUBLIC_URL: publicUrl, ...environment },
    ...(issuer !== undefined && { issuer }),
  });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch: (request, serving) => edge.app.fetch(request, { server: serving }),
  });
  const [source, target] = [await edge.addDepartment(), await edge.addDepartment()];
  const admin = (id: string) => edge.addMember("department_admin", roleScopes.department_admin, id);
  return {
    edge,
    origin: publicUrl,
    source,
    target,
    sourceKey: (await admin(source.id)).key,
    targetKey: (await admin(target.id)).key,
    async close() {
      await server.stop(true);
      await edge.close();
    },
  };
}

/** Through the form, as people do. */
export async function signIn(page: Page, origin: string, key: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel("Your API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}
