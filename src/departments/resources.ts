import type { Ctx } from "../context.ts";
import { resolveDepartment } from "./resolve.ts";

export interface ResourceView {
  provider: string;
  kind: string;
  external_id: string;
  name: string;
  created_by_step: string;
  created_at: string;
  deleted_at: string | null;
  verified_absent_at: string | null;
  orphaned_at: string | null;
  orphan_reason: string | null;
}

/** Everything that exists, or existed, because of the department. */
export async function listResources(ctx: Ctx, idOrSlug: string): Promise<{ items: ResourceView[] }> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const items = await ctx.db.app<ResourceView[]>`
    select provider, kind, external_id, name, created_by_step, to_json(created_at)#>>'{}' as created_at,
      to_json(deleted_at)#>>'{}' as deleted_at, to_json(verified_absent_at)#>>'{}' as verified_absent_at,
      to_json(orphaned_at)#>>'{}' as orphaned_at, orphan_reason
    from federation.resource where department_id = ${department.id} order by created_at, id`;
  return { items: [...items] };
}
