import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";

/** What a schema says that the full one does not, one readable line each; none when it is contained in it. */
export function schemaDifferences(subset: GraphQLSchema, full: GraphQLSchema): string[] {
  return Object.values(subset.getTypeMap())
    .filter((type) => !isIntrospectionType(type))
    .flatMap((type) => {
      const counterpart = full.getType(type.name);
      return counterpart ? typeDifferences(type, counterpart) : [`${type.name}: ${absent}`];
    });
}

const absent = "is not in Railway's schema";

function typeDifferences(type: GraphQLNamedType, full: GraphQLNamedType): string[] {
  if (kindOf(type) !== kindOf(full)) return [`${type.name}: is of kind ${kindOf(full)}, not ${kindOf(type)}`];
  if (isEnumType(type) && isEnumType(full)) return enumDifferences(type, full);
  if (isInputObjectType(type) && isInputObjectType(full)) {
    const required = Object.values(full.getFields()).filter(isRequiredInputField);
    return inputDifferences(
      type.name,
      type.getFields(),
      full.getFields(),
      required.map(({ name }) => name),
    );
  }
  if (hasOutputFields(type) && hasOutputFields(full)) return outputDifferences(type, full);
  return [];
}

const kindOf = (type: GraphQLNamedType) => type.constructor.name.replace(/^GraphQL/, "").replace(/Type$/, "");

type WithFields = Extract<GraphQLNamedType, { getInterfaces(): unknown }>;
const hasOutputFields = (type: GraphQLNamedType): type is WithFields =>
  isObjectType(type) || isInterfaceType(type);

function enumDifferences(type: GraphQLEnumType, full: GraphQLEnumType): string[] {
  const known = new Set(full.getValues().map(({ name }) => name));
  return type
    .getValues()
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => `${type.name}.${name}: ${absent}`);
}

function outputDifferences(type: WithFields, full: WithFields): string[] {
  const implemented = new Set(full.getInterfaces().map(({ name }) => name));
  const interfaces = type
    .getInterfaces()
    .filter(({ name }) => !implemented.has(name))
    .map(({ name }) => `${type.name} implements ${name}: ${absent}`);
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const place = `${type.name}.${field.name}`;
    const counterpart = full.getFields()[field.name];
    if (!counterpart) return [`${place}: ${absent}`];
    const required = counterpart.args.filter(isRequiredArgument).map(({ name }) => name);
    return [
      ...differenceOf(place, String(field.type), String(counterpart.type)),
      ...inputDifferences(place, byName(field.args), byName(counterpart.args), required),
    ];
  });
  return [...interfaces, ...fields];
}

type Inputs = Record<string, GraphQLArgument | GraphQLInputField>;

/** Of arguments or input fields; what Railway requires must be there, or operations would pass here and fail there. */
function inputDifferences(
  owner: string,
  inputs: Inputs,
  full: Inputs,
  required: readonly string[],
): string[] {
  const missing = required.filter((name) => !(name in inputs));
  const found = Object.values(inputs).flatMap((input) => {
    const place = `${owner}.${input.name}`;
    const counterpart = full[input.name];
    if (!counterpart) return [`${place}: ${absent}`];
    return differenceOf(place, typeAndDefault(input), typeAndDefault(counterpart));
  });
  return [...missing.map((name) => `${owner}.${name}: is required by Railway's schema`), ...found];
}

const byName = (args: readonly GraphQLArgument[]): Inputs =>
  Object.fromEntries(args.map((arg) => [arg.name, arg]));

const typeAndDefault = ({ type, defaultValue }: GraphQLArgument | GraphQLInputField) =>
  defaultValue === undefined ? String(type) : `${type} = ${JSON.stringify(defaultValue)}`;

const differenceOf = (place: string, type: string, full: string) =>
  type === full ? [] : [`${place}: is ${full} in Railway's schema, not ${type}`];
