import { z } from "zod";
import type { Calls } from "./calls.ts";
import { failed } from "./failed.ts";
import type { RailwayCall, RailwayClient, RailwayProject } from "./railway.ts";
import { measurements, newProjectReply, projectReply, projectsReply, usageReply } from "./replies.ts";
import { tolerateUnseen } from "./tolerate-unseen.ts";

type ProjectCalls = Pick<
  RailwayClient,
  "listProjects" | "findProject" | "createProject" | "deleteProject" | "readUsage"
>;

const pageSize = 100;

/** The part of RailwayClient that is about projects. */
export function createProjectCalls(calls: Calls): ProjectCalls {
  const find = (id: string, call: RailwayCall) =>
    calls.find({ operation: "project", variables: { id }, reply: projectReply, call });
  return {
    listProjects: (workspaceId, call) => listProjects(calls, workspaceId, { ...call, workspaceId }),
    findProject: find,
    createProject({ workspaceId, name, description, environmentName }, call) {
      const input = { workspaceId, name, description, defaultEnvironmentName: environmentName };
      return calls.request({
        operation: "projectCreate",
        variables: { input },
        reply: newProjectReply,
        call: { ...call, workspaceId },
        createsIn: workspaceId,
      });
    },
    async deleteProject(id, when, call) {
      const operation = when === "now" ? "projectDelete" : "projectScheduleDelete";
      const deleting = calls.request({ operation, variables: { id }, reply: z.boolean(), call });
      await tolerateUnseen(deleting, async () => {
        if (await find(id, call)) throw failed("not_ready", operation);
      });
    },
    readUsage: (projectId, { from, to }, call) =>
      calls.request({
        operation: "usage",
        variables: { projectId, measurements, startDate: from.toISOString(), endDate: to.toISOString() },
        reply: usageReply,
        call,
      }),
  };
}

async function listProjects(calls: Calls, workspaceId: string, call: RailwayCall): Promise<RailwayProject[]> {
  const found = new Map<string, RailwayProject>();
  for (let after: string | undefined; ;) {
    const variables = { workspaceId, first: pageSize, after };
    const page = await calls.request({ operation: "projects", variables, reply: projectsReply, call });
    for (const project of page.projects) found.set(project.id, project);
    if (!page.hasNextPage) return [...found.values()];
    // A list that is short would have projects made twice.
    if (page.lastCursor === undefined || page.lastCursor === after)
      throw failed("unavailable", "projects", { cause: "a page without an end" });
    after = page.lastCursor;
  }
}
