import { GraphQLError } from "graphql";
import type { Railway } from "./railway.ts";

/** Whose token it is. */
export type Caller =
  | { kind: "account" }
  | { kind: "workspace"; workspaceId: string }
  | { kind: "project"; projectId: string; environmentId: string; tokenId: string };

/** Given to every resolver. */
export interface Call {
  railway: Railway;
  caller: Caller;
  /** Whose budget it takes from. */
  token: string;
}

/** A field of a type, `_` for what it is of; the compiler checks each where it is written. */
export type Resolver = (source: never, args: never, call: Call) => unknown;

/** By type and field; a field without one is the property of that name. */
export type Resolvers = Record<string, Record<string, Resolver>>;

/** Also for what is missing, deleted or not the caller's. */
export const notAuthorized = () => new GraphQLError("Not Authorized");
export const cannotProcess = () => new GraphQLError("Problem processing request");
export const notBuiltYet = () =>
  new GraphQLError("Cannot redeploy yet, please wait for the original deployment to finish building");

/** For what belongs to a whole workspace or account. */
export function refuseProjectToken({ caller }: Call): void {
  if (caller.kind === "project") throw notAuthorized();
}

/** For what only a person has. */
export function accountOnly({ caller }: Call): void {
  if (caller.kind !== "account") throw notAuthorized();
}

export function maySeeWorkspace({ caller }: Call, workspaceId: string): boolean {
  return caller.kind === "account" || (caller.kind === "workspace" && caller.workspaceId === workspaceId);
}
