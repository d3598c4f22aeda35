import { listRotations } from "../../keys/list-rotations.ts";
import type { RotationView } from "../../keys/rotation.ts";
import { Live } from "../components/live.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import type { ConsolePage } from "../parts/page.ts";

const names: Record<RotationView["kind"], string> = {
  data: "data key",
  kek: "key encryption key",
  gateway_seal: "the gateway's sealing key",
  signing: "signing key",
};

const shown = 10;

/** How far the last rotations are; unlike the inventory, looking at it is not put on record. */
export const keyRotationsPage: ConsolePage = {
  path: "/key-rotations",
  access: { callers: "platform", scope: "keys:read" },
  async show(ctx) {
    const body = (
      <>
        <KeyRotations rotations={await listRotations(ctx, { limit: shown })} />
        <p>
          <a href="/keys">All keys</a>
        </p>
      </>
    );
    return { title: "Rotations", body };
  },
};

/** How far each rotation is; it follows those under way. */
export function KeyRotations({ rotations }: { rotations: readonly RotationView[] }) {
  const isOver = rotations.every(({ status }) => status !== "running");
  return (
    <Live id="rotations" state="running" isOver={isOver} from={keyRotationsPage.path}>
      <Table
        caption="Rotations, newest first"
        head={["Rotation", "State", "Done", "Goes on", "Begun", "Ended"]}
        empty="Nothing was rotated yet."
        rows={rotations.map((rotation) => [
          `${names[rotation.kind]} ${rotation.id.slice(-6)}`,
          <>
            <Status of={rotation.status} />{" "}
            {rotation.error_code !== null && <code>{rotation.error_code}</code>}
          </>,
          <Done {...rotation} />,
          <Time at={rotation.next_at} />,
          <Time at={rotation.created_at} />,
          <Time at={rotation.finished_at} />,
        ])}
      />
    </Live>
  );
}

function Done({ id, done, total }: RotationView) {
  return (
    <>
      <progress
        max={Math.max(1, total)}
        value={total === 0 ? 1 : done}
        aria-label={`Rotation ${id.slice(-6)}`}
      />{" "}
      {done} of {total}
    </>
  );
}
