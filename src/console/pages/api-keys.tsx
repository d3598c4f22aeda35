import type { ApiKeyView } from "../../api-keys/api-key-view.ts";
import { apiKeyInput } from "../../api-keys/api-key-view.ts";
import { listApiKeys } from "../../api-keys/list.ts";
import { mintApiKeyFor } from "../../api-keys/mint.ts";
import { revokeApiKey } from "../../api-keys/revoke.ts";
import type { Ctx } from "../../context.ts";
import { ActionForm, Field, OnceField } from "../components/action-form.tsx";
import {
  type ConsoleAction,
  type ConsolePage,
  idOf,
  numberOf,
  type PageAccess,
  readFields,
} from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

const write: PageAccess = { callers: "own", scope: "keys:write" };

/** API keys, never their text; the one answer that shows a key is the one that mints it. */
export const apiKeysPage: ConsolePage = {
  path: "/api-keys",
  access: { callers: "own", scope: "keys:read" },
  async show(ctx, { fields }) {
    const { items, next_cursor } = await listApiKeys(ctx, {
      limit: 50,
      cursor: fields["cursor"] || undefined,
      department_id: fields["department_id"] || undefined,
    });
    const mayWrite = ctx.caller.scopes.has("keys:write");
    const body = (
      <>
        <form method="get" action="/api-keys" role="search" class="filters">
          <Field label="Department" name="department_id" value={fields["department_id"]} />
          <button type="submit">Show</button>
        </form>
        <Table
          caption="API keys"
          head={["Key", "Name", "Owner", "Scopes", "State", "Expires", "Last used", "Action"]}
          empty="There is no API key."
          rows={items.map((key) => rowOf(key, mayWrite))}
        />
        <NextPage path="/api-keys" query={fields} cursor={next_cursor} />
        {mayWrite ? <MintForm ctx={ctx} /> : null}
      </>
    );
    return { title: "API keys", body };
  },
};

function rowOf(key: ApiKeyView, mayWrite: boolean) {
  return [
    <code>{key.key_id}</code>,
    key.name,
    <>
      {key.member_id === null ? "department" : "member"} <code>{key.member_id ?? key.department ?? ""}</code>
    </>,
    <details>
      <summary>{key.scopes.length} scopes</summary>
      {key.scopes.join(", ")}
    </details>,
    <Status of={key.status} />,
    <Time at={key.expires_at} />,
    <Time at={key.last_used_at} />,
    mayWrite && key.status !== "revoked" ? (
      <ActionForm action={`/api-keys/${key.id}/revoke`} button="Revoke" about={key.key_id} />
    ) : null,
  ];
}

function MintForm({ ctx }: { ctx: Ctx }) {
  return (
    <section aria-labelledby="mint">
      <h2 id="mint">Mint a key</h2>
      <ActionForm action="/api-keys" button="Mint" command="POST /api/v1/api-keys">
        <OnceField />
        <Field label="Name" name="name" required />
        <Field label="Days" name="days" type="number" min={1} max={365} value="90" required />
        <Field label="Member's id (empty: your own key)" name="member_id" />
        <Field label="Department (a key of its machines)" name="department_id" />
        <fieldset>
          <legend>Scopes</legend>
          {[...ctx.caller.scopes].toSorted().map((scope) => (
            <label class="check">
              <input type="checkbox" name="scopes" value={scope} /> {scope}
            </label>
          ))}
        </fieldset>
      </ActionForm>
    </section>
  );
}

export const apiKeyActions: ConsoleAction[] = [
  {
    path: "/api-keys",
    access: write,
    secretShownOnce: "/api-keys",
    async act(ctx, { fields, form }) {
      const { name, days, member_id, department_id } = fields;
      const input = readFields(apiKeyInput, {
        name,
        expires_in_days: numberOf(days),
        member_id,
        department_id,
        scopes: form.getAll("scopes"),
      });
      const { key, key_id } = await mintApiKeyFor(ctx, input);
      const body = (
        <>
          <p role="status">This is the only time it is shown. Copy it now:</p>
          <pre tabindex={0} aria-label="The new key">
            {key}
          </pre>
          <p>
            It is listed as <code>{key_id}</code>. <a href="/api-keys">Back to the keys</a>
          </p>
        </>
      );
      return { title: "A new key", body };
    },
  },
  {
    path: "/api-keys/:id/revoke",
    access: write,
    question: ({ id }) => ({
      title: "Revoke this key?",
      text: "Whoever uses it is refused within a second, everywhere. It cannot be brought back.",
      button: "Yes, revoke it",
      command: `DELETE /api/v1/api-keys/${id}`,
    }),
    async act(ctx, asked) {
      await revokeApiKey(ctx, idOf(asked));
      return { message: "The key is revoked.", location: "/api-keys" };
    },
  },
];
