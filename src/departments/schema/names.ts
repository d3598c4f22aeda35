import { FederationError } from "../../errors.ts";
import { isUuid } from "../../uuid.ts";

/** What a department is called inside Postgres; generated, never derived from anything a person typed. */
export interface SchemaNames {
  id: string;
  schemaName: string;
  roleName: string;
}

const suffix = /^[a-z2-7]{12}$/;

/** Throws unless all three are generated names that belong together, so that they may stand in SQL as they are. */
export function checkNames({ id, schemaName, roleName }: SchemaNames): { suffix: string } {
  const end = schemaName.slice(2);
  if (!isUuid(id) || !suffix.test(end) || schemaName !== `t_${end}` || roleName !== `d_${end}`) {
    throw new FederationError(
      "schema_names_invalid",
      "The department's physical names are not generated ones.",
    );
  }
  return { suffix: end };
}
