import { type Call, notAuthorized, type Resolvers } from "../call.ts";
import { domainsOf } from "../domains-of.ts";
import { findDomain, findInstance } from "../find.ts";
import type { Domain } from "../world.ts";

interface Place {
  serviceId: string;
  environmentId: string;
}

/** Domains that Railway gives a service. */
export const domainResolvers = {
  Query: {
    domains(_: unknown, { projectId, serviceId, environmentId }: Place & { projectId: string }, call: Call) {
      const { railway } = call;
      const instance = findInstance(call, serviceId, environmentId, "read");
      if (instance.projectId !== projectId) throw notAuthorized();
      return { serviceDomains: domainsOf(railway, instance), customDomains: [] };
    },
  },
  Mutation: {
    serviceDomainCreate(
      _: unknown,
      { input }: { input: Place & { targetPort?: number | null } },
      call: Call,
    ): Domain {
      const { railway } = call;
      const { serviceId, environmentId, projectId } = findInstance(
        call,
        input.serviceId,
        input.environmentId,
        "effect",
      );
      const item = railway.newItem();
      const domain: Domain = {
        ...item,
        projectId,
        serviceId,
        environmentId,
        domain: railway.settings.serveAgents
          ? new URL(railway.agents.urlOf(serviceId, environmentId)).host
          : `${railway.world.services.get(serviceId)?.name}-${item.id.slice(0, 4)}.up.railway.app`,
        targetPort: input.targetPort ?? null,
      };
      railway.world.domains.set(domain.id, domain);
      return domain;
    },
    serviceDomainDelete(_: unknown, { id }: { id: string }, call: Call) {
      findDomain(call, id).deletedAt = call.railway.now();
      return true;
    },
  },
  ServiceDomain: {
    suffix: () => "up.railway.app",
    syncStatus: ({ visibleAt }: Domain, _: unknown, { railway }: Call) =>
      visibleAt > railway.now() ? "CREATING" : "ACTIVE",
  },
} satisfies Resolvers;
