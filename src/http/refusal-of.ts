import type { Caller } from "../context.ts";
import { type FederationError, forbidden } from "../errors.ts";
import type { Access } from "./authorization.ts";

/** Why a row of the matrix does not let this caller pass; undefined when it does. */
export function refusalOf(access: Access, caller: Caller): FederationError | undefined {
  if (access.scope && !caller.scopes.has(access.scope)) {
    return forbidden("insufficient_scope", `This needs the scope ${access.scope}.`);
  }
  if (access.callers === "platform" && caller.departmentId !== undefined) {
    return forbidden("forbidden", "This is for the operators of the platform.");
  }
  if (access.callers === "department" && caller.departmentId === undefined) {
    return forbidden("not_a_department", "This is for who belongs to a department.");
  }
  return undefined;
}
