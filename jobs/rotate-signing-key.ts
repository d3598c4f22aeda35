import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";
import { rotateKey } from "../src/keys/rotate.ts";
import { isSigningKeyOld } from "../src/tokens/is-signing-key-old.ts";

/** Begins a new signing key every 90 days. */
export async function rotateSigningKey(deps: ClosableWorkerDeps): Promise<void> {
  if (!(await isSigningKeyOld(deps.db.app))) return;
  const { id } = await rotateKey(systemContext(deps, "rotate-signing-key"), { signing: true });
  deps.log.info({ rotation: id }, "a new signing key is published");
}
