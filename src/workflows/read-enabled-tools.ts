import { z } from "zod";
import { departmentConfig } from "../config-schema/department.ts";
import type { Sql } from "../db/tx.ts";

const stored = z.object({ document: departmentConfig });

/** The tools of the definition the department has now. */
export async function readEnabledTools(sql: Sql, departmentId: string): Promise<readonly string[]> {
  const [row] = await sql`
    select c.document from federation.department d join federation.department_config c
      on c.department_id = d.id and c.version = d.config_version
    where d.id = ${departmentId}`;
  return stored.parse(row).document.enabled_tools;
}
