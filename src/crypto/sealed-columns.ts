/**
 * Every column that holds a sealed value. Rotation re-seals what is listed here and a key is only retired when none of
 * it needs it, so a column that is missing would be lost: a test compares with the database. A new column needs a row
 * here, an index and a guard in its SQL file:
 *   create index <table>_<column>_key on federation.<table> (split_part(<column>, '.', 3), <row id columns>);
 *   create trigger <column>_key before insert or update of <column> on federation.<table>
 *     for each row execute function federation.guard_sealed('<column>', '<department column>' or nothing);
 */
export interface SealedColumn {
  /** In the schema `federation`; also the `table` of the value's place. */
  table: string;
  column: string;
  /** The department whose key seals it; null = always the platform's key, and where the column is null, too. */
  departmentColumn: string | null;
  /** Their values, joined by ":", are the `rowId` of the value's place, and name one row. */
  rowIdColumns: readonly [string, ...string[]];
  /** Where the place's `rowVersion` is; null = 0. */
  rowVersionColumn: string | null;
}

export const sealedColumns: readonly SealedColumn[] = [
  {
    table: "local_agent",
    column: "variables_sealed",
    departmentColumn: "department_id",
    rowIdColumns: ["department_id"],
    rowVersionColumn: null,
  },
  {
    table: "department_secret",
    column: "sealed",
    departmentColumn: "department_id",
    rowIdColumns: ["department_id", "name"],
    rowVersionColumn: null,
  },
  {
    table: "signing_key",
    column: "private_sealed",
    departmentColumn: null,
    rowIdColumns: ["kid"],
    rowVersionColumn: null,
  },
  {
    table: "oauth_client",
    column: "secret_sealed",
    departmentColumn: null,
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "credential",
    column: "account_sealed",
    departmentColumn: "department_id",
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "credential",
    column: "refresh_sealed",
    departmentColumn: "department_id",
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "credential",
    column: "access_sealed",
    departmentColumn: "department_id",
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "oauth_consent",
    column: "verifier_sealed",
    departmentColumn: null,
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "webhook_secret",
    column: "sealed",
    departmentColumn: null,
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "webhook_endpoint",
    column: "url_sealed",
    departmentColumn: null,
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "n8n_instance",
    column: "api_key_sealed",
    departmentColumn: null,
    rowIdColumns: ["id"],
    rowVersionColumn: null,
  },
  {
    table: "audit_key",
    column: "private_sealed",
    departmentColumn: null,
    rowIdColumns: ["key_id"],
    rowVersionColumn: null,
  },
];
