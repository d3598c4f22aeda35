import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isScalarType,
  parse,
  validate,
} from "graphql";
import type { Call, Resolvers } from "./call.ts";
import { loadSchema } from "./load-schema.ts";
import { accountResolvers } from "./resolvers/account.ts";
import { deploymentResolvers } from "./resolvers/deployment.ts";
import { domainResolvers } from "./resolvers/domain.ts";
import { environmentResolvers } from "./resolvers/environment.ts";
import { instanceResolvers } from "./resolvers/instance.ts";
import { logResolvers } from "./resolvers/log.ts";
import { projectResolvers } from "./resolvers/project.ts";
import { projectTokenResolvers } from "./resolvers/project-token.ts";
import { regionResolvers } from "./resolvers/region.ts";
import { serviceResolvers } from "./resolvers/service.ts";
import { usageResolvers } from "./resolvers/usage.ts";
import { variableResolvers } from "./resolvers/variable.ts";
import { volumeResolvers } from "./resolvers/volume.ts";

export interface Operation {
  document: DocumentNode;
  variables: Record<string, unknown>;
  name: string | undefined;
  /** At its root, without those of fragments. */
  fields: string[];
}

export interface GraphQLBody {
  errors?: unknown[];
  data?: unknown;
}

/** What a request asks for, or why it cannot be asked. */
export function readOperation(body: {
  query?: unknown;
  variables?: unknown;
  operationName?: unknown;
}): Operation | { invalid: GraphQLBody } {
  if (typeof body.query !== "string") return invalid([new GraphQLError("Must provide query string.")]);
  const name = typeof body.operationName === "string" ? body.operationName : undefined;
  let document: DocumentNode;
  try {
    document = parse(body.query);
  } catch (error) {
    return invalid([error instanceof GraphQLError ? error : new GraphQLError(String(error))]);
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return invalid(errors);
  const operation = getOperationAST(document, name);
  if (!operation) return invalid([new GraphQLError("Unknown operation.")]);
  const fields = operation.selectionSet.selections.flatMap((one) =>
    one.kind === "Field" ? [one.name.value] : [],
  );
  const variables = (body.variables ?? {}) as Record<string, unknown>;
  return { document, variables, name: operation.name?.value, fields };
}

/** Carries it out; what fails is in the answer as Railway writes it. */
export function executeOperation(
  { document, variables, name }: Operation,
  call: Call | undefined,
): GraphQLBody {
  const result = execute({
    schema,
    document,
    variableValues: variables,
    contextValue: call,
    fieldResolver: resolveField,
    ...(name !== undefined && { operationName: name }),
  }) as ExecutionResult;
  // Values that do not fit their type fail before anything runs, and Railway does not say why.
  if (result.data === undefined) return failed([new GraphQLError("Problem processing request")]);
  return result.errors ? { ...failed(result.errors), data: result.data } : { data: result.data };
}

/** HTTP 200 all the same. */
export const failed = (errors: readonly GraphQLError[]): GraphQLBody => ({
  errors: errors.map(({ message, locations, path }) => ({
    message,
    locations: locations ?? [],
    path: path ?? [],
    extensions: { code: "INTERNAL_SERVER_ERROR" },
    traceId: traceId(),
  })),
  data: null,
});

const invalid = (errors: readonly GraphQLError[]): { invalid: GraphQLBody } => ({
  invalid: {
    errors: errors.map(({ message, locations }) => ({
      message,
      locations,
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      traceId: traceId(),
    })),
  },
});

/** 19 digits. */
const traceId = () =>
  String(10n ** 18n + (crypto.getRandomValues(new BigUint64Array(1))[0]! % (8n * 10n ** 18n)));

const nouns: readonly Resolvers[] = [
  accountResolvers,
  projectResolvers,
  environmentResolvers,
  serviceResolvers,
  instanceResolvers,
  variableResolvers,
  deploymentResolvers,
  logResolvers,
  domainResolvers,
  volumeResolvers,
  projectTokenResolvers,
  usageResolvers,
  regionResolvers,
];

const schema = executableSchema();

const resolveField: GraphQLFieldResolver<unknown, Call> = (source, args, call, { parentType, fieldName }) => {
  for (const noun of nouns) {
    const resolver = noun[parentType.name]?.[fieldName] as
      ((source: unknown, args: unknown, call: Call) => unknown) | undefined;
    if (resolver) return resolver(source, args, call);
  }
  return (source as Record<string, unknown> | undefined)?.[fieldName];
};

/** Times are numbers until they are answered. */
function executableSchema(): GraphQLSchema {
  const made = loadSchema();
  const dateTime = made.getType("DateTime");
  if (isScalarType(dateTime)) dateTime.serialize = (ms) => new Date(Number(ms)).toISOString();
  return made;
}
