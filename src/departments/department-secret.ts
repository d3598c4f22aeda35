/** Where a secret of a department is sealed. */
export const secretPlace = (
  departmentId: string,
  name: "agent_key" | "agent_token" | "database_password",
) => ({
  departmentId,
  table: "department_secret",
  column: "sealed",
  rowId: `${departmentId}:${name}`,
});
