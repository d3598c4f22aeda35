import { type DataKeyView, type KekView, listKeys, type SigningKeyView } from "../../keys/list.ts";
import { listRotations } from "../../keys/list-rotations.ts";
import { retireKey } from "../../keys/retire.ts";
import { rotateInput, rotateKey } from "../../keys/rotate.ts";
import { rotateKek } from "../../keys/rotate-kek.ts";
import { notFound } from "../../errors.ts";
import { isUuid } from "../../uuid.ts";
import { ActionForm, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, type PageAccess, readFields } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";
import { KeyRotations } from "./key-rotations.tsx";

const read: PageAccess = { callers: "platform", scope: "keys:read" };
const rotationsShown = 10;
const write: PageAccess = { callers: "platform", scope: "keys:write" };

/** The inventory of data keys, KEKs and signing keys, never a key itself; what rotates and ends them. */
export const keysPage: ConsolePage = {
  path: "/keys",
  access: read,
  async show(ctx, { fields }) {
    const [found, rotations] = await Promise.all([
      listKeys(ctx, { limit: 50, cursor: fields["cursor"] || undefined }),
      listRotations(ctx, { limit: rotationsShown }),
    ]);
    const mayWrite = ctx.caller.scopes.has("keys:write");
    const body = (
      <>
        <p>The oldest key that seals new values is {found.oldest_active_days} days old.</p>
        <Table
          caption="Data keys"
          head={["Key", "Department", "For", "KEK", "State", "Seals", "Made", "Action"]}
          empty="There is no data key."
          rows={found.items.map((key) => dataRow(key, mayWrite))}
        />
        <NextPage path="/keys" query={fields} cursor={found.next_cursor} />
        <Table
          caption="Key encryption keys"
          head={["KEK", "State", "Wraps", "Made", "Action"]}
          empty="There is no KEK."
          rows={found.keks.map((kek) => kekRow(kek, mayWrite))}
        />
        <Table
          caption="Signing keys"
          head={["Key", "State", "Private half", "Made", "Retired"]}
          empty="There is no signing key."
          rows={found.signing_keys.map(signingRow)}
        />
        <KeyRotations rotations={rotations} />
        {mayWrite ? <Rotations /> : null}
      </>
    );
    return { title: "Keys", body };
  },
};

function dataRow(key: DataKeyView, mayWrite: boolean) {
  return [
    <code>{key.id}</code>,
    key.department_id === null ? "platform" : <code>{key.department_id}</code>,
    key.purpose,
    <code>{key.kek_id}</code>,
    <Status of={key.status} />,
    `${key.uses} values`,
    <Time at={key.created_at} />,
    mayWrite && key.status === "retiring" ? <Retire id={key.id} /> : null,
  ];
}

function kekRow(kek: KekView, mayWrite: boolean) {
  const isOver = kek.retired_at !== null;
  return [
    <code>{kek.id}</code>,
    <Status of={isOver ? "retired" : kek.current ? "current" : "old"} />,
    `${kek.uses} keys`,
    <Time at={kek.created_at} />,
    mayWrite && !isOver && !kek.current ? <Retire id={kek.id} /> : null,
  ];
}

const signingRow = (key: SigningKeyView) => [
  <code>{key.kid}</code>,
  <Status of={key.status} />,
  key.private_half,
  <Time at={key.created_at} />,
  <Time at={key.retired_at} />,
];

const Retire = ({ id }: { id: string }) => (
  <ActionForm action={`/keys/${id}/retire`} button="Retire" about={id} />
);

function Rotations() {
  return (
    <section aria-labelledby="rotate">
      <h2 id="rotate">Rotate</h2>
      <ActionForm action="/keys/rotate" button="Rotate the platform's data key">
        <input type="hidden" name="what" value="platform" />
      </ActionForm>
      <ActionForm action="/keys/rotate" button="Rotate the signing key">
        <input type="hidden" name="what" value="signing" />
      </ActionForm>
      <ActionForm action="/keys/rotate" button="Rotate the gateway's sealing key">
        <input type="hidden" name="what" value="gateway_seal" />
      </ActionForm>
      <ActionForm action="/keys/rotate" button="Rotate a department's data key">
        <input type="hidden" name="what" value="department_id" />
        <Field label="Department" name="department_id" required />
      </ActionForm>
      <ActionForm action="/keys/rotate-kek" button="Wrap all data keys with the present KEK" />
    </section>
  );
}

export const keyActions: ConsoleAction[] = [
  {
    path: "/keys/rotate",
    access: write,
    question: ({ fields }) => ({
      title: "Rotate this key?",
      text: "A new key takes its place at once; a worker then seals anew what the old one sealed.",
      button: "Yes, rotate it",
      command: rotateCommand(fields),
    }),
    async act(ctx, { fields }) {
      const { what = "", department_id } = fields;
      const input = readFields(rotateInput, { [what]: what === "department_id" ? department_id : true });
      const rotation = await rotateKey(ctx, input);
      return { message: `Rotation ${rotation.id} is running.`, location: "/keys" };
    },
  },
  {
    path: "/keys/rotate-kek",
    access: write,
    question: () => ({
      title: "Wrap all data keys anew?",
      text: "Every data key is wrapped with this installation's present FEDERATION_KEK; a worker carries it on.",
      button: "Yes, wrap them",
      command: fed("keys", "rotate-kek"),
    }),
    async act(ctx) {
      const rotation = await rotateKek(ctx);
      return { message: `Rotation ${rotation.id} is running.`, location: "/keys" };
    },
  },
  {
    path: "/keys/:id/retire",
    access: write,
    question: ({ id }) => ({
      title: "Retire this key for good?",
      text: "It cannot be brought back, and with it nothing that only it could open.",
      button: "Yes, retire it",
      command: fed("keys", "retire", id),
    }),
    async act(ctx, { id }) {
      if (!isUuid(id) && !/^[0-9a-f]{8}$/.test(id)) throw notFound();
      await retireKey(ctx, id);
      return { message: "The key is retired.", location: "/keys" };
    },
  },
];

function rotateCommand({ what = "", department_id = "" }: Readonly<Record<string, string>>): string {
  if (what === "department_id") return fed("keys", "rotate", "--department", department_id);
  return fed("keys", "rotate", `--${what.replace("_", "-")}`);
}
