import { z } from "zod";
import { departmentConfig, type DepartmentConfig } from "../../config-schema/department.ts";
import type { Sql } from "../../db/tx.ts";

const stored = z.object({ document: departmentConfig });

/** The definition a department has now, whoever asks. */
export async function readDefinition(sql: Sql, departmentId: string): Promise<DepartmentConfig> {
  const [row] = await sql`
    select c.document from federation.department d join federation.department_config c
      on c.department_id = d.id and c.version = d.config_version
    where d.id = ${departmentId}`;
  return stored.parse(row).document;
}
