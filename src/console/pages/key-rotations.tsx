import type { RotationView } from "../../keys/rotation.ts";
import { Live } from "../components/live.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";

const names: Record<RotationView["kind"], string> = {
  data: "data key",
  kek: "key encryption key",
  gateway_seal: "the gateway's sealing key",
  signing: "signing key",
};

/** How far each rotation is; it follows those under way. */
export function KeyRotations({ rotations }: { rotations: readonly RotationView[] }) {
  const isOver = rotations.every(({ status }) => status !== "running");
  return (
    <Live id="rotations" state="running" isOver={isOver}>
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
