import { type Call, notAuthorized, type Resolvers } from "../call.ts";
import { findEnvironment, findInstance } from "../find.ts";
import { makeDeployment } from "../make-deployment.ts";
import { variablesFrom } from "../variables-from.ts";
import { variablesOf } from "../variables-of.ts";
import { type Instance, isDeleted, placeOf } from "../world.ts";

interface Place {
  projectId: string;
  environmentId: string;
  /** Without one, shared by all services of the environment. */
  serviceId?: string | null;
}

/** Variables of a service, or shared; a change deploys what has a source, unless it is told not to. */
export const variableResolvers = {
  Query: {
    variables(_: unknown, place: Place, call: Call) {
      const instance = instanceAt(call, place, "read");
      if (instance) return variablesOf(call.railway, instance);
      return { ...call.railway.world.variables.get(placeOf("", place.environmentId)) };
    },
  },
  Mutation: {
    variableCollectionUpsert(
      _: unknown,
      { input }: { input: Place & { variables: unknown; replace?: boolean; skipDeploys?: boolean } },
      call: Call,
    ) {
      const sent = variablesFrom(input.variables);
      return change(call, input, (before) => (input.replace ? sent : { ...before, ...sent }));
    },
    variableUpsert(
      _: unknown,
      { input }: { input: Place & { name: string; value: string; skipDeploys?: boolean } },
      call: Call,
    ) {
      return change(call, input, (before) => ({ ...before, [input.name]: input.value }));
    },
    variableDelete(_: unknown, { input }: { input: Place & { name: string } }, call: Call) {
      return change(call, input, ({ [input.name]: _gone, ...left }) => left);
    },
  },
} satisfies Resolvers;

type Variables = Record<string, string>;

function change(
  call: Call,
  place: Place & { skipDeploys?: boolean },
  changed: (before: Variables) => Variables,
): true {
  const { railway } = call;
  const instance = instanceAt(call, place, "effect");
  const key = placeOf(place.serviceId ?? "", place.environmentId);
  railway.world.variables.set(key, changed(railway.world.variables.get(key) ?? {}));
  if (place.skipDeploys) return true;
  const affected = instance ? [instance] : instancesIn(call, place.environmentId);
  for (const one of affected) if (one.settings.source) makeDeployment(railway, one, "variables");
  return true;
}

function instanceAt(call: Call, place: Place, aim: "read" | "effect"): Instance | undefined {
  const environment = findEnvironment(call, place.environmentId, aim);
  if (environment.projectId !== place.projectId) throw notAuthorized();
  return place.serviceId ? findInstance(call, place.serviceId, place.environmentId, aim) : undefined;
}

const instancesIn = ({ railway }: Call, environmentId: string) =>
  [...railway.world.instances.values()].filter(
    (one) => one.environmentId === environmentId && !isDeleted(one, railway.now()),
  );
