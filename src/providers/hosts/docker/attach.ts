import { z } from "zod";
import { FederationError } from "../../../errors.ts";
import type { HostCall } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { type EngineErrorKind, unless } from "./engine-error.ts";

const container = z.object({
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ NetworkID: z.string() })).nullish(),
  }),
});

/** What agents call the control plane, where an entry names nothing else. */
const usualAlias = "federation";

/** Puts the containers of `attach` into the networks; throws a retryable `attach_missing` for one that is not there. */
export async function attachContainers(
  ctx: DockerContext,
  networks: readonly { Id: string }[],
  call: Pick<HostCall, "signal" | "fence">,
  expected: readonly EngineErrorKind[] = ["conflict"],
): Promise<void> {
  const { engine } = ctx;
  const { signal } = call;
  const missing: string[] = [];
  for (const entry of ctx.attach) {
    const [name = "", alias = usualAlias] = entry.split(":");
    const path = `/containers/${encodeURIComponent(name)}/json`;
    const found = await unless(["not_found"], engine.json(container, { path, signal }));
    if (!found) missing.push(name);
    const joined = Object.values(found?.NetworkSettings.Networks ?? {}).map(({ NetworkID }) => NetworkID);
    const others = networks.filter(({ Id }) => found && !joined.includes(Id));
    for (const { Id } of others) {
      await call.fence();
      const body = { Container: name, EndpointConfig: { Aliases: [alias] } };
      await unless(expected, engine.run({ method: "POST", path: `/networks/${Id}/connect`, body, signal }));
    }
  }
  if (missing.length > 0) throw attachMissing(missing.join(", "));
}

const attachMissing = (name: string) =>
  new FederationError("attach_missing", `The container ${name} of DOCKER_ATTACH is not there.`, {
    status: 503,
    retryable: true,
  });
