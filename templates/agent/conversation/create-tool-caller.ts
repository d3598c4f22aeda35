import { randomUUID } from "node:crypto";
import { Problem, problemOf } from "../problem.ts";
import type { Arguments } from "../schema.ts";
import type { OfferedTool } from "../tools/toolbox.ts";
import type { Confirmations, Proposal } from "./confirmations.ts";
import type { Recorder } from "./create-recorder.ts";
import { isRead } from "./is-read.ts";
import type { ToolCallRecord } from "./records.ts";
import { recordName } from "./tool-names.ts";

export interface ToolCaller {
  /** Runs a tool that reads; of any other tool it only makes a proposal. Answers what the model is told. */
  call(tool: OfferedTool, args: Arguments): Promise<unknown>;
  /** Runs what was proposed, if the user had a turn since. Throws a Problem otherwise. */
  confirm(confirmationId: string): Promise<unknown>;
  /** Records what was proposed and never confirmed as cancelled. */
  end(): void;
}

export interface ToolCallerOptions {
  sessionId: string;
  confirmations: Confirmations;
  recorder: Recorder;
}

const toldCharactersMax = 12_000;
const keptCharactersMax = 50_000;

export function createToolCaller({ sessionId, confirmations, recorder }: ToolCallerOptions): ToolCaller {
  const proposed = new Map<string, OfferedTool>();

  const record = (callId: string, tool: string, parameters: Arguments, rest: Rest) =>
    recorder.toolCall({
      call_id: callId,
      session_id: sessionId,
      tool: recordName(tool),
      parameters,
      ...rest,
    });

  async function run(callId: string, tool: OfferedTool, args: Arguments): Promise<unknown> {
    const startedAt = performance.now();
    const duration = () => Math.round(performance.now() - startedAt);
    record(callId, tool.name, args, { status: "EXECUTING" });
    try {
      const result = (await tool.run(args)) ?? null;
      const kept = shorten(result, keptCharactersMax);
      record(callId, tool.name, args, { status: "COMPLETED", result: kept, duration_ms: duration() });
      return shorten(result, toldCharactersMax);
    } catch (error) {
      const problem = problemOf(error);
      record(callId, tool.name, args, { status: "FAILED", error: problem.message, duration_ms: duration() });
      throw problem;
    }
  }

  return {
    async call(tool, args) {
      const errors = tool.findErrors(args);
      if (errors.length > 0) {
        const words = errors.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
        throw new Problem(422, "invalid_arguments", `The arguments do not fit: ${words}.`);
      }
      if (isRead(tool.name)) return await run(randomUUID(), tool, args);
      const proposal = confirmations.propose(tool.name, args);
      proposed.set(proposal.id, tool);
      return describe(proposal);
    },
    async confirm(confirmationId) {
      const confirmed = confirmations.confirm(confirmationId);
      if (!confirmed.ok) throw new Problem(409, "not_confirmed", confirmed.why);
      const { id, args } = confirmed.proposal;
      const tool = proposed.get(id);
      if (!tool) throw new Problem(409, "not_confirmed", "There is no such proposal.");
      proposed.delete(id);
      return await run(id, tool, args);
    },
    end() {
      for (const { id, tool, args } of confirmations.takeOpen()) {
        record(id, tool, args, { status: "CANCELLED" });
      }
    },
  };
}

type Rest = Pick<ToolCallRecord, "status" | "result" | "error" | "duration_ms">;

const describe = ({ id, tool, args }: Proposal) => ({
  executed: false,
  confirmation_id: id,
  will_do: { tool, arguments: args },
  next: "Nothing was done yet. Say what will be done and ask the user; after a yes call confirm_action.",
});

function shorten(result: unknown, charactersMax: number): unknown {
  const text = JSON.stringify(result);
  return text.length <= charactersMax ? result : { shortened: true, beginning: text.slice(0, charactersMax) };
}
