import { z } from "zod";
import type { Calls } from "./calls.ts";
import { failed } from "./failed.ts";
import { placeIds } from "./place-ids.ts";
import type { RailwayCall, RailwayClient } from "./railway.ts";
import { deploymentReply, deploymentsReply, logsReply } from "./replies.ts";
import { tolerateUnseen } from "./tolerate-unseen.ts";

type DeploymentCalls = Pick<
  RailwayClient,
  | "deploy"
  | "findDeployment"
  | "listDeployments"
  | "rollbackDeployment"
  | "restartDeployment"
  | "removeDeployment"
  | "listLogLines"
>;

const gone = new Set(["REMOVED", "REMOVING"]);

/** The part of RailwayClient that is about deployments. */
export function createDeploymentCalls({ request, find }: Calls): DeploymentCalls {
  const findDeployment = (id: string, call: RailwayCall) =>
    find({ operation: "deployment", variables: { id }, reply: deploymentReply, call });
  return {
    deploy: ({ serviceId, environmentId }, call) =>
      request({
        operation: "serviceInstanceDeployV2",
        variables: { serviceId, environmentId },
        reply: z.string().min(1),
        call,
      }),
    findDeployment,
    listDeployments: (at, first, call) =>
      request({
        operation: "deployments",
        variables: { input: placeIds(at), first },
        reply: deploymentsReply,
        call,
      }),
    async rollbackDeployment(id, call) {
      await request({ operation: "deploymentRollback", variables: { id }, reply: z.boolean(), call });
    },
    async restartDeployment(id, call) {
      await request({ operation: "deploymentRestart", variables: { id }, reply: z.boolean(), call });
    },
    async removeDeployment(id, call) {
      const removing = {
        operation: "deploymentRemove",
        variables: { id },
        reply: z.boolean(),
        call,
      } as const;
      await tolerateUnseen(request(removing), async () => {
        const left = await findDeployment(id, call);
        if (left && !gone.has(left.status)) throw failed("not_ready", "deploymentRemove");
      });
    },
    async listLogLines(deploymentId, limit, call) {
      const variables = { deploymentId, limit };
      const lines = await request({ operation: "deploymentLogs", variables, reply: logsReply, call });
      return lines
        .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
        .slice(-limit)
        .map(({ message }) => message);
    },
  };
}
