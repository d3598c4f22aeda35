import { fieldsOf } from "../platform.ts";
import { Problem } from "../problem.ts";
import type { Arguments } from "../schema.ts";
import type { ToolContext } from "./tool.ts";

/** Asks a named query, by default about the agent's own department, through the same gateway as everybody's questions. */
export async function askPlatform(
  queryType: string,
  { reason, ...params }: Arguments,
  ctx: ToolContext,
  department: string = ctx.departmentId,
) {
  const answer = await ctx.platform.call({
    method: "POST",
    path: "/cross-dept/query",
    body: {
      target_department_id: department,
      query_type: queryType,
      query_params: params,
      reason: reason ?? "asked through the department's assistant",
    },
  });
  const { success, results, results_count, query_id, truncated } = fieldsOf(answer);
  if (success !== true || !Array.isArray(results)) {
    throw new Problem(502, "answer_malformed", "The platform's answer does not read.");
  }
  return { results, results_count, truncated, query_id };
}
