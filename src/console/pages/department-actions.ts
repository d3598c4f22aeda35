import { z } from "zod";
import { departmentConfig } from "../../config-schema/department.ts";
import { imageReference } from "../../config/environment.ts";
import type { Ctx } from "../../context.ts";
import { deprovisionDepartment } from "../../departments/deprovision.ts";
import { lockdownDepartment } from "../../departments/lockdown.ts";
import { moveDepartment } from "../../departments/move.ts";
import { showDepartment } from "../../departments/show.ts";
import { unlockDepartment } from "../../departments/unlock.ts";
import { upgradeDepartment } from "../../departments/upgrade.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { confirmed } from "../confirmed.ts";
import { type Asked, type ConsoleAction, departmentOf, type PageAccess, readFields } from "../parts/page.ts";

const runs: PageAccess = { callers: "platform", scope: "runs:write" };

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

/** What may be done to a department; what destroys wants its name typed. */
export const departmentActions: ConsoleAction[] = [
  {
    path: "/departments/:id/upgrade",
    access: runs,
    async act(ctx, asked) {
      const name = departmentOf(asked);
      const input = readFields(upgradeForm, asked.fields);
      return follow(await upgradeDepartment(ctx, name, input), "The upgrade has begun.");
    },
  },
  {
    path: "/departments/:id/move",
    access: runs,
    async act(ctx, asked) {
      const name = departmentOf(asked);
      const input = readFields(moveForm, asked.fields);
      return follow(await moveDepartment(ctx, name, input), "The move has begun.");
    },
  },
  {
    path: "/departments/:id/unlock",
    access: { callers: "platform", scope: "departments:write" },
    async act(ctx, asked) {
      const name = departmentOf(asked);
      const input = readFields(reasonForm, asked.fields);
      return follow(await unlockDepartment(ctx, name, input), "It is being unlocked.");
    },
  },
  {
    path: "/departments/:id/lockdown",
    access: { callers: "own", scope: "departments:write" },
    async act(ctx, asked) {
      await confirmedBySlug(ctx, asked);
      const input = readFields(reasonForm, asked.fields);
      const answer = await lockdownDepartment(ctx, departmentOf(asked), input);
      return follow(answer, `Locked: ${answer.keys_revoked} keys and ${answer.grants_revoked} grants ended.`);
    },
  },
  {
    path: "/departments/:id/deprovision",
    access: runs,
    async act(ctx, asked) {
      await confirmedBySlug(ctx, asked);
      const { grace_hours, export: keep } = readFields(deprovisionForm, asked.fields);
      const input = { grace_hours, export: keep === "yes" };
      const answer = await deprovisionDepartment(ctx, departmentOf(asked), input);
      return follow(answer, "The department is being taken away.");
    },
  },
];

async function confirmedBySlug(ctx: Ctx, asked: Asked): Promise<void> {
  confirmed(asked, (await showDepartment(ctx, departmentOf(asked))).department_id);
}

/** On to the run that does it. */
const follow = ({ provisioning_id: run }: { provisioning_id: string }, message: string) => ({
  message,
  location: `/runs/${run}`,
});
