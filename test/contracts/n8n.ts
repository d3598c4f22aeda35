// What n8n.ts states, for a real n8n and its fake in both ages.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { normalizeWorkflow } from "../../src/providers/n8n/normalize-workflow.ts";
import type { N8nClient, WorkflowDefinition } from "../../src/providers/n8n/n8n.ts";
import {
  type N8nTraits,
  type N8nUnderTest,
  type N8nWorld,
  n8nWorld,
  never,
  refused,
  until,
  webhookNode,
} from "./n8n-world.ts";

export function describeN8nContract(
  name: string,
  traits: N8nTraits,
  make: () => Promise<N8nUnderTest>,
): void {
  describe(`n8n contract: ${name}`, () => {
    let world: N8nWorld;
    let client: N8nClient;
    beforeAll(async () => {
      world = n8nWorld(await make());
      client = world.client;
    });
    afterAll(() => world.close());

    const unknown = "0123456789abcdef";
    const statusOf = async (path: string, headers?: Record<string, string>) =>
      (await world.call(path, headers)).status;
    const pathOf = ({ nodes }: WorkflowDefinition) => String(nodes[0]?.parameters["path"]);

    async function published(definition = world.webhook()) {
      const { id } = await client.createWorkflow(definition, never);
      await client.publishWorkflow(id, never);
      await until(async () => (await statusOf(pathOf(definition))) !== 404);
      return { id, definition, path: pathOf(definition) };
    }

    function richDefinition(): WorkflowDefinition {
      const definition = world.webhook();
      definition.nodes.push({
        id: "answer",
        name: "Answer",
        type: "n8n-nodes-base.respondToWebhook",
        typeVersion: 1.5,
        position: [220, -40],
        parameters: {
          respondWith: "json",
          responseBody: "={{ { a: [1, null] } }}",
          options: { deep: [{ b: null }] },
        },
        notes: "a note",
        disabled: false,
        onError: "continueRegularOutput",
        retryOnFail: true,
        maxTries: 4,
      });
      definition.connections = { Webhook: { main: [[{ node: "Answer", type: "main", index: 0 }]] } };
      definition.settings = {
        executionOrder: "v1",
        saveDataErrorExecution: "none",
        timezone: "Europe/Berlin",
      };
      return definition;
    }

    test("a created workflow reads back as it was sent, and is not published", async () => {
      const definition = richDefinition();
      const made = await client.createWorkflow(definition, never);
      expect(made.id).toMatch(/^[A-Za-z0-9]{16}$/);
      expect(made).toMatchObject({ active: false, isArchived: false, hasUnpublishedChanges: false });
      expect(normalizeWorkflow(made)).toEqual(normalizeWorkflow(definition));
      expect(await client.getWorkflow(made.id, never)).toEqual(made);
      expect(await client.listWorkflows(never, { name: definition.name })).toEqual([made]);
    });

    test("a webhook id that is given is kept", async () => {
      const webhookId = crypto.randomUUID();
      const definition = world.webhook(world.fresh("path"), { webhookId });
      const made = await client.createWorkflow(definition, never);
      const updated = await client.updateWorkflow(made.id, definition, never);
      expect([made, updated].map(({ nodes }) => nodes[0]?.webhookId)).toEqual([webhookId, webhookId]);
    });

    test("a list by name has every workflow of exactly that name and no other", async () => {
      const definition = world.webhook();
      const twins = [
        await client.createWorkflow(definition, never),
        await client.createWorkflow(definition, never),
      ];
      await client.createWorkflow({ ...definition, name: `${definition.name} more` }, never);
      const found = await client.listWorkflows(never, { name: definition.name });
      expect(idsOf(found)).toEqual(idsOf(twins));
      expect(await client.listWorkflows(never, { name: definition.name.slice(0, -2) })).toEqual([]);
    });

    test("lists have all pages", async () => {
      const inPages = world.connect(world.apiKey, (url, init) =>
        fetch(url.replace("limit=250", "limit=2"), init),
      );
      const made = await Promise.all(
        Array.from({ length: 5 }, () => client.createWorkflow(world.webhook(), never)),
      );
      expect(idsOf(await inPages.listWorkflows(never))).toEqual(expect.arrayContaining(idsOf(made)));
      const names = Array.from({ length: 5 }, () => world.fresh("credential"));
      for (const one of names) await client.createCredential(credential(one), never);
      const listed = (await inPages.listCredentials(never)).map((one) => one.name);
      expect(listed).toEqual(expect.arrayContaining(names));
    });

    test("what is not there is undefined, gone when deleted, and not_found otherwise", async () => {
      for (const id of [unknown, "../x", ""]) {
        expect(await client.getWorkflow(id, never)).toBeUndefined();
        await client.deleteWorkflow(id, never);
        await client.deleteCredential(id, never);
        await refused("not_found", client.updateWorkflow(id, world.webhook(), never));
        await refused("not_found", client.publishWorkflow(id, never));
        await refused("not_found", client.unpublishWorkflow(id, never));
        await refused("not_found", client.updateCredential(id, credential(world.fresh("credential")), never));
      }
    });

    test("an update replaces everything, settings that are left out included", async () => {
      const { id } = await client.createWorkflow(richDefinition(), never);
      const definition = { ...world.webhook(), settings: {} };
      const updated = await client.updateWorkflow(id, definition, never);
      expect(normalizeWorkflow(updated)).toEqual(normalizeWorkflow(definition));
      expect(await client.getWorkflow(id, never)).toEqual(updated);
    });

    test("a workflow that was read can be written back", async () => {
      const made = await client.createWorkflow(richDefinition(), never);
      const again = await client.updateWorkflow(made.id, made, never);
      expect(normalizeWorkflow(again)).toEqual(normalizeWorkflow(made));
      const copy = await client.createWorkflow(made, never);
      expect(copy.id).not.toBe(made.id);
    });

    test("a published workflow serves, an unpublished one does not; either can be said twice", async () => {
      const { id, path } = await published();
      await client.publishWorkflow(id, never);
      expect(await client.getWorkflow(id, never)).toMatchObject({
        active: true,
        hasUnpublishedChanges: false,
      });
      await client.unpublishWorkflow(id, never);
      await client.unpublishWorkflow(id, never);
      expect(await client.getWorkflow(id, never)).toMatchObject({ active: false });
      await until(async () => (await statusOf(path)) === 404);
    });

    test("an update of a published workflow is published", async () => {
      const { id, path } = await published();
      const next = world.webhook();
      expect(await client.updateWorkflow(id, next, never)).toMatchObject({
        active: true,
        hasUnpublishedChanges: false,
      });
      await until(async () => (await statusOf(pathOf(next))) === 200);
      await until(async () => (await statusOf(path)) === 404);
    });

    test("a path that another workflow serves cannot be published, at first or by an update", async () => {
      const taken = await published();
      const { id } = await client.createWorkflow(world.webhook(taken.path), never);
      await refused("path_conflict", client.publishWorkflow(id, never));
      expect(await client.getWorkflow(id, never)).toMatchObject({ active: false });
      const other = await published();
      const moved = { ...other.definition, nodes: [webhookNode(taken.path)] };
      await refused("path_conflict", client.updateWorkflow(other.id, moved, never));
      const draft = await client.getWorkflow(other.id, never);
      expect(draft && normalizeWorkflow(draft)).toEqual(normalizeWorkflow(moved));
      // 2.8 takes the draft for the published version, which has no such path any more.
      expect(draft?.hasUnpublishedChanges).toBe(traits.isCurrent);
      expect(await statusOf(other.path)).toBe(traits.isCurrent ? 200 : 500);
    });

    test("a deleted workflow is gone, published or not, and its path is free", async () => {
      const { id, path } = await published();
      await client.deleteWorkflow(id, never);
      expect(await client.getWorkflow(id, never)).toBeUndefined();
      expect(await statusOf(path)).toBe(404);
      await client.deleteWorkflow(id, never);
      await published(world.webhook(path));
      const draft = await client.createWorkflow(world.webhook(), never);
      await client.deleteWorkflow(draft.id, never);
      expect(await client.getWorkflow(draft.id, never)).toBeUndefined();
    });

    if (traits.isCurrent) {
      test("of two workflows published to one path at once, one serves, and the other one need not be told", async () => {
        const path = world.fresh("path");
        const keys = [world.fresh("key"), world.fresh("key")];
        const made = await Promise.all(
          keys.map(async (key) => {
            const guard = await client.createCredential(credential(key, key), never);
            return client.createWorkflow(guardedWebhook(path, guard), never);
          }),
        );
        const told = await Promise.all(
          made.map(({ id }) => client.publishWorkflow(id, never).catch((error: unknown) => error)),
        );
        // Where the first one is registered before the second one is published, that one hears of the conflict.
        const refusals = told.filter((error) => error !== undefined);
        expect(refusals.length).toBeLessThanOrEqual(1);
        for (const error of refusals) expect(error).toMatchObject({ kind: "path_conflict" });
        await until(async () => (await statusOf(path)) !== 404);
        const states = await Promise.all(keys.map((key) => statusOf(path, { "x-contract": key })));
        expect(states.toSorted()).toEqual([200, 403]);
        const published = made.filter((_, at) => told[at] === undefined);
        for (const { id } of published)
          expect(await client.getWorkflow(id, never)).toMatchObject({ active: true });
      });

      test("an archived workflow is listed as archived, takes no update, and can be deleted", async () => {
        const { id, definition } = await published();
        const headers = { "x-n8n-api-key": world.apiKey };
        await fetch(`${world.baseUrl}/api/v1/workflows/${id}/archive`, { method: "POST", headers });
        const [listed] = await client.listWorkflows(never, { name: definition.name });
        expect(listed).toMatchObject({ id, isArchived: true, active: false });
        await refused("invalid", client.updateWorkflow(id, definition, never));
        await refused("invalid", client.publishWorkflow(id, never));
        await client.deleteWorkflow(id, never);
        expect(await client.getWorkflow(id, never)).toBeUndefined();
      });
    }

    test("what n8n does not accept is invalid, in its own words, and not worth a retry", async () => {
      const definition = world.webhook();
      const setting = await refused(
        "invalid",
        client.createWorkflow({ ...definition, settings: { nonsense: 1 } }, never),
      );
      expect(setting.message).toContain("request/body/settings");
      expect(setting.retryable).toBe(false);
      if (traits.isCurrent) {
        const twice = { ...definition, nodes: [...definition.nodes, ...definition.nodes] };
        await refused("invalid", client.createWorkflow(twice, never));
        await refused("invalid", client.createWorkflow({ ...definition, name: "x".repeat(129) }, never));
      }
      const { id } = await client.createWorkflow({ ...definition, nodes: [] }, never);
      await refused("invalid", client.publishWorkflow(id, never));
      const unguarded = world.webhook(world.fresh("path"), { parameters: { authentication: "headerAuth" } });
      const incomplete = await client.createWorkflow(unguarded, never);
      await refused("invalid", client.publishWorkflow(incomplete.id, never));
      const type = { ...credential(world.fresh("credential")), type: "nonsenseAuth" };
      await refused("invalid", client.createCredential(type, never));
    });

    test("a wrong key is refused for good, and no error shows it or a credential", async () => {
      const wrong = world.connect("a-wrong-n8n-key");
      const secret = "a-secret-of-a-credential";
      const errors = await Promise.all([
        refused("unauthorized", wrong.listWorkflows(never)),
        refused("unauthorized", wrong.deleteWorkflow(unknown, never)),
        refused("unauthorized", wrong.createCredential(credential(world.fresh("credential"), secret), never)),
        refused(
          "invalid",
          client.createCredential(
            { ...credential(world.fresh("credential")), data: { [world.fresh("odd")]: secret } },
            never,
          ),
        ),
      ]);
      for (const error of errors) {
        expect(error.retryable).toBe(false);
        const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
        expect(shown).not.toContain("a-wrong-n8n-key");
        expect(shown).not.toContain(world.apiKey);
        expect(shown).not.toContain(secret);
      }
    });

    test("a created credential is listed under the id it was given", async () => {
      const wanted = credential(world.fresh("credential"));
      const made = await client.createCredential(wanted, never);
      expect(made).toMatchObject({ name: wanted.name, type: wanted.type });
      expect(made.id === wanted.id).toBe(traits.choosesCredentialId);
      expect(await client.listCredentials(never)).toContainEqual(made);
      if (traits.choosesCredentialId) await refused("exists", client.createCredential(wanted, never));
      await client.deleteCredential(made.id, never);
      await client.deleteCredential(made.id, never);
      expect(await client.listCredentials(never)).not.toContainEqual(made);
    });

    test("an updated credential guards with its new secret only", async () => {
      const wanted = credential(world.fresh("credential"), "the-old-secret");
      const made = await client.createCredential(wanted, never);
      const { path } = await published(guardedWebhook(world.fresh("path"), made));
      expect(await statusOf(path, { "x-contract": "the-old-secret" })).toBe(200);
      await client.updateCredential(
        made.id,
        { ...wanted, data: { name: "x-contract", value: "the-new-secret" } },
        never,
      );
      expect(await statusOf(path, { "x-contract": "the-old-secret" })).toBe(403);
      expect(await statusOf(path, { "x-contract": "the-new-secret" })).toBe(200);
    });

    test("a node's credential is told by its id; an unknown id is bound again by name", async () => {
      const made = await client.createCredential(credential(world.fresh("credential")), never);
      const path = world.fresh("path");
      const misnamed = guardedWebhook(path, { ...made, name: "another name" });
      const byId = await client.createWorkflow(misnamed, never);
      expect(byId.nodes[0]?.credentials).toEqual({ httpHeaderAuth: { id: made.id, name: made.name } });
      expect(normalizeWorkflow(byId)).toEqual(normalizeWorkflow(misnamed));
      const unbound = guardedWebhook(path, { ...made, id: unknown });
      const byName = await client.createWorkflow(unbound, never);
      expect(byName.nodes[0]?.credentials?.["httpHeaderAuth"]?.id).toBe(made.id);
      expect(normalizeWorkflow(byName)).not.toEqual(normalizeWorkflow(unbound));
    });

    test("an aborted call changes nothing", async () => {
      const definition = world.webhook();
      const error = await refused("unavailable", client.createWorkflow(definition, AbortSignal.abort()));
      expect(error.message).toContain("aborted");
      expect(await client.listWorkflows(never, { name: definition.name })).toEqual([]);
    });

    function guardedWebhook(path: string, { id, name }: { id: string; name: string }): WorkflowDefinition {
      return world.webhook(path, {
        parameters: { authentication: "headerAuth" },
        credentials: { httpHeaderAuth: { id, name } },
      });
    }

    const credential = (title: string, value = "a-value") => ({
      id: world.credentialId(),
      name: title,
      type: "httpHeaderAuth",
      data: { name: "x-contract", value },
    });
  });
}

const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id).toSorted();
