const word = "federation";

/** A project's description, which says whose it is: its name does not, others may bear the same. */
export const markOf = (environment: string, departmentId: string) => `${word} ${environment} ${departmentId}`;

/** The department whose project this is, where it is one of this environment. */
export function ownerOf(environment: string, description: string | null): string | undefined {
  const [first, second, departmentId, ...rest] = (description ?? "").split(" ");
  const isOurs = first === word && second === environment && rest.length === 0;
  return isOurs && departmentId !== "" ? departmentId : undefined;
}

export const projectName = (slug: string, environment: string) => `aio-${slug}-${environment}`;
