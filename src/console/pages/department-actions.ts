import type { Context } from "hono";
import { z } from "zod";
import { departmentConfig } from "../../config-schema/department.ts";
import { imageReference } from "../../config/environment.ts";
import { deprovisionDepartment } from "../../departments/deprovision.ts";
import { lockdownDepartment } from "../../departments/lockdown.ts";
import { moveDepartment } from "../../departments/move.ts";
import { showDepartment } from "../../departments/show.ts";
import { unlockDepartment } from "../../departments/unlock.ts";
import { upgradeDepartment } from "../../departments/upgrade.ts";
import { departmentParam } from "../../http/params.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { confirmed } from "../confirmed.ts";
import { flash } from "../cookies.ts";
import { consoleCtx, type ConsoleEnv, consoleFactory } from "../env.ts";
import { readForm } from "../read-query.ts";

type Sent = Context<ConsoleEnv>;

const reasonForm = z.object({ reason: z.string().trim().min(1).max(500) });
const upgradeForm = z.object({ release: imageReference.optional() });
const moveForm = z.object({
  to: z.enum(hostNames),
  region: departmentConfig.shape.region,
});
const deprovisionForm = z.object({
  grace_hours: z.coerce.number().min(0).max(8760),
  export: z.literal("yes").optional(),
});

export const postUpgrade = consoleFactory.createHandlers(async (c) =>
  follow(
    c,
    await upgradeDepartment(consoleCtx(c), nameOf(c), readForm(c, upgradeForm)),
    "The upgrade has begun.",
  ),
);

export const postMove = consoleFactory.createHandlers(async (c) =>
  follow(c, await moveDepartment(consoleCtx(c), nameOf(c), readForm(c, moveForm)), "The move has begun."),
);

export const postUnlock = consoleFactory.createHandlers(async (c) =>
  follow(
    c,
    await unlockDepartment(consoleCtx(c), nameOf(c), readForm(c, reasonForm)),
    "It is being unlocked.",
  ),
);

export const postLockdown = consoleFactory.createHandlers(async (c) => {
  await confirmedBySlug(c);
  const answer = await lockdownDepartment(consoleCtx(c), nameOf(c), readForm(c, reasonForm));
  return follow(c, answer, `Locked: ${answer.keys_revoked} keys and ${answer.grants_revoked} grants ended.`);
});

export const postDeprovision = consoleFactory.createHandlers(async (c) => {
  await confirmedBySlug(c);
  const { grace_hours, export: keep } = readForm(c, deprovisionForm);
  const answer = await deprovisionDepartment(consoleCtx(c), nameOf(c), {
    grace_hours,
    export: keep === "yes",
  });
  return follow(c, answer, "The department is being taken away.");
});

const nameOf = (c: Sent) => departmentParam(c as Context);

async function confirmedBySlug(c: Sent): Promise<void> {
  confirmed(c, (await showDepartment(consoleCtx(c), nameOf(c))).department_id);
}

/** On to the run that does it. */
function follow(c: Sent, { provisioning_id: run }: { provisioning_id: string }, said: string) {
  flash(c, said);
  return c.redirect(`/runs/${run}`, 303);
}
