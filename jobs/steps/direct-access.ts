import { randomPassword, scramVerifier } from "../../src/crypto/scram.ts";
import { secretPlace } from "../../src/departments/department-secret.ts";
import type { Sql, Tx } from "../../src/db/tx.ts";
import { done, skip } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

const connectionsMax = 5;

/** A database login of the department's own, only where its config asks for it; the server sees a verifier only. */
export const directAccess: JobStep = {
  async run(ctx) {
    if (!(await wanted(ctx))) return skip("database.direct_access is off");
    if (!(await mayOpen(ctx, ctx.deps.db.provisioner))) return skip("the department is locked");
    const verifier = await scramVerifier(await passwordOf(ctx));
    const opened = await stepTx(ctx, ctx.deps.db.provisioner, async (tx, record) => {
      if (!(await mayOpen(ctx, tx))) return false;
      await tx`select federation_roles.login(${ctx.run.department.suffix}, ${verifier}, ${connectionsMax})`;
      record({ action: "database.login", meta: { role: ctx.run.department.roleName } });
      return true;
    });
    return opened ? done({ role: ctx.run.department.roleName }) : skip("the department is locked");
  },
  async undo(ctx) {
    await stepTx(ctx, ctx.deps.db.provisioner, async (tx, record) => {
      const [role] =
        await tx`select from pg_roles where rolname = ${ctx.run.department.roleName} and rolcanlogin`;
      if (!role) return;
      await tx`select federation_roles.nologin(${ctx.run.department.suffix})`;
      record({ action: "database.nologin", meta: { role: ctx.run.department.roleName } });
    });
  },
};

/** Not while the department is locked, but for the run that opens this very lock; a lockdown waits for the answer. */
async function mayOpen(ctx: JobContext, sql: Sql | Tx): Promise<boolean> {
  const lockedAt = ctx.run.kind === "unlock" ? ctx.run.input["locked_at"] : undefined;
  const [row] = await sql<{ open: boolean }[]>`
    select locked_at is null or locked_at is not distinct from ${String(lockedAt ?? "-infinity")}::text::timestamptz as open
    from federation.department where id = ${ctx.run.department.id} for share`;
  return row?.open ?? false;
}

async function wanted(ctx: JobContext): Promise<boolean> {
  const [row] = await ctx.deps.db.app<{ direct: boolean }[]>`
    select coalesce((c.document #>> '{custom_config,database,direct_access}')::boolean, false) as direct
    from federation.department d join federation.department_config c
      on c.department_id = d.id and c.version = d.config_version
    where d.id = ${ctx.run.department.id}`;
  return row?.direct ?? false;
}

/** Made once and kept sealed, so that a repeated attempt sets the same one. */
async function passwordOf(ctx: JobContext): Promise<string> {
  const { id } = ctx.run.department;
  const place = secretPlace(id, "database_password");
  const fresh = await ctx.deps.vault.seal(place, randomPassword());
  const [row] = await stepTx(ctx, ctx.deps.db.app, async (tx) => {
    await tx`
      insert into federation.department_secret (department_id, name, sealed, created_by_step)
      values (${id}, 'database_password', ${fresh}, ${ctx.step}) on conflict do nothing`;
    return tx<{ sealed: string }[]>`
      select sealed from federation.department_secret where department_id = ${id} and name = 'database_password'`;
  });
  return ctx.deps.vault.open(place, row?.sealed ?? fresh);
}
