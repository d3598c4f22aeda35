import { rotateKey } from "../../src/keys/rotate.ts";
import type { KeyWorld } from "./world.ts";

/** Begins a rotation; without a department, the platform's. It looks old, so that its job does not wait for its end. */
export async function rotateDepartment(world: KeyWorld, departmentId: string | undefined) {
  const input = departmentId === undefined ? { platform: true as const } : { department_id: departmentId };
  const started = await rotateKey(world.ctx(), input);
  await world.app`
    update federation.key_rotation set created_at = created_at - interval '10 seconds' where id = ${started.id}`;
  return { rotation: started.id, fromId: started.from_id ?? "", toId: started.to_id ?? "" };
}
