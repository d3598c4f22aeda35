import { z } from "zod";
import type { Calls } from "./calls.ts";
import { placeIds } from "./place-ids.ts";
import type { RailwayClient, ServicePlace } from "./railway.ts";
import { domainReply, domainsReply, serviceInstanceReply, serviceReply } from "./replies.ts";

type ServiceCalls = Pick<
  RailwayClient,
  | "createService"
  | "findServiceInstance"
  | "updateServiceInstance"
  | "setLimits"
  | "readVariables"
  | "setVariables"
  | "listDomains"
  | "createDomain"
>;

/** The part of RailwayClient that is about services, which run nothing by themselves. */
export function createServiceCalls({ request, find }: Calls): ServiceCalls {
  return {
    createService: (input, call) =>
      request({ operation: "serviceCreate", variables: { input }, reply: serviceReply, call }),
    findServiceInstance: (at, call) =>
      find({
        operation: "serviceInstance",
        variables: instanceOf(at),
        reply: serviceInstanceReply,
        call,
      }),
    async updateServiceInstance(at, patch, call) {
      const variables = { ...instanceOf(at), input: patch };
      await request({ operation: "serviceInstanceUpdate", variables, reply: z.boolean(), call });
    },
    async setLimits(at, { memoryGb, vcpus }, call) {
      const input = { ...instanceOf(at), memoryGB: memoryGb, vCPUs: vcpus };
      const variables = { input };
      await request({ operation: "serviceInstanceLimitsUpdate", variables, reply: z.boolean(), call });
    },
    readVariables: (at, call) =>
      find({
        operation: "variables",
        variables: placeIds(at),
        reply: z.record(z.string(), z.string()),
        call,
        holdsSecrets: true,
      }),
    async setVariables(at, variables, call) {
      await request({
        operation: "variableCollectionUpsert",
        variables: { input: { ...placeIds(at), variables, replace: true, skipDeploys: true } },
        reply: z.boolean(),
        call,
        holdsSecrets: true,
      });
    },
    listDomains: (at, call) =>
      request({ operation: "domains", variables: placeIds(at), reply: domainsReply, call }),
    createDomain: (at, targetPort, call) =>
      request({
        operation: "serviceDomainCreate",
        variables: { input: { ...instanceOf(at), targetPort } },
        reply: domainReply,
        call,
      }),
  };
}

const instanceOf = ({ serviceId, environmentId }: ServicePlace) => ({ serviceId, environmentId });
