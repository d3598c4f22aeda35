import { agentSpec, type AgentSettings } from "../../src/departments/agent-spec.ts";
import { parseApiKey } from "../../src/crypto/api-key.ts";
import { FederationError } from "../../src/errors.ts";
import { secretPlace } from "../../src/departments/department-secret.ts";
import { done } from "../../src/provisioning/graph.ts";
import { recordResources } from "../../src/provisioning/resources.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { destroyHost } from "./delete-host.ts";

/** The agent's service on its host with all its variables in one write, so that nothing is deployed yet. */
export const configure: JobStep = {
  async run(ctx) {
    const host = hostOf(ctx);
    const spec = agentSpec(ctx.run.department, await settingsOf(ctx));
    await ctx.fence();
    const service = await host.ensureService(spec, hostCall(ctx));
    const { kind, externalId } = service;
    await recordResources(ctx, [{ provider: host.name, kind, externalId, name: ctx.run.department.slug }]);
    await ctx.fence();
    await host.setVariables(spec, hostCall(ctx));
    return done({ service: externalId, variables: Object.keys(spec.variables) });
  },
  undo: destroyHost,
};

export async function settingsOf(ctx: JobContext): Promise<AgentSettings> {
  const { db, vault, config } = ctx.deps;
  const { id } = ctx.run.department;
  const rows = await db.app<{ name: string; sealed: string }[]>`
    select name, sealed from federation.department_secret where department_id = ${id}`;
  const open = async (name: "agent_key" | "agent_token") => {
    const sealed = rows.find((row) => row.name === name)?.sealed;
    if (!sealed) throw new FederationError("secret_missing", `The department has no ${name}.`);
    return vault.open(secretPlace(id, name), sealed);
  };
  const [document] = await db.app<{ tools: string[] }[]>`
    select array(select jsonb_array_elements_text(c.document->'enabled_tools')) as tools
    from federation.department d join federation.department_config c
      on c.department_id = d.id and c.version = d.config_version
    where d.id = ${id}`;
  const key = parseApiKey(await open("agent_key"));
  return {
    federationUrl: config.publicUrl,
    keyId: key.id,
    keySecret: key.secret,
    agentToken: await open("agent_token"),
    enabledTools: document?.tools ?? [],
  };
}
