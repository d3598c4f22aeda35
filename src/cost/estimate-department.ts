import type { Host } from "../providers/hosts/host.ts";
import type { CostLine, Estimate } from "./cost-view.ts";
import type { Price, PriceBook } from "./price-book.ts";

export interface DepartmentShape {
  host: Host["name"];
  cpus: number;
  memoryMb: number;
  replicas: number;
  n8n: "shared" | "own" | "none";
  /** Whether anybody can talk to it. */
  voice: boolean;
}

/** What a department is expected to cost in a month, by its limits and the book's assumptions on how it is used. */
export function estimateDepartment(book: PriceBook, shape: DepartmentShape): Estimate {
  const lines = [...hostingOf(book, shape), ...(shape.voice ? talkOf(book) : [])];
  return {
    host: shape.host,
    prices_as_of: book.as_of,
    lines,
    month_micro_usd: lines.reduce((sum, line) => sum + line.month_micro_usd, 0),
  };
}

function costLine(
  what: string,
  group: CostLine["group"],
  quantity: number,
  price: Pick<Price, "usd" | "per">,
): CostLine {
  const month = Math.round(quantity * price.usd);
  return { what, group, quantity, unit: price.per, price_micro_usd: price.usd, month_micro_usd: month };
}

/** What the agent's copies and its part of an n8n may take. */
function sizeOf({ assumptions: a }: PriceBook, { cpus, memoryMb, replicas, n8n }: DepartmentShape) {
  const part = n8n === "own" ? 1 : n8n === "shared" ? 1 / a.departments_per_shared_n8n : 0;
  return {
    cpus: cpus * replicas + part * a.n8n_cpu,
    memoryGb: (memoryMb / 1024) * replicas + part * a.n8n_memory_gb,
    volumeGb: part * a.n8n_volume_gb,
  };
}

function hostingOf(book: PriceBook, shape: DepartmentShape): CostLine[] {
  const { railway, machines, assumptions: a } = book;
  const size = sizeOf(book, shape);
  if (shape.host === "railway")
    return [
      costLine("memory used", "hosting", size.memoryGb * a.memory_used_share, railway.memory),
      costLine("CPU used", "hosting", size.cpus * a.cpu_used_share, railway.cpu),
      costLine("volume", "hosting", size.volumeGb, railway.volume),
      costLine("egress", "hosting", a.egress_gb_per_month, railway.egress),
    ];
  // The machine of `local` is there already.
  if (shape.host === "local") return [];
  const part = size.memoryGb / (machines.node.memory_gb * a.node_memory_usable_share);
  return [costLine("part of a machine", "hosting", part, { usd: machines.node.usd, per: "machine-month" })];
}

function talkOf({ speech, model, livekit, assumptions: a }: PriceBook): CostLine[] {
  const minutes = a.voice_minutes_per_working_day * a.working_days_per_month;
  const spoken = minutes * a.assistant_speaks_share * a.characters_per_spoken_minute;
  const input = minutes * a.turns_per_minute * a.input_tokens_per_turn;
  const output = minutes * a.turns_per_minute * a.output_tokens_per_turn;
  const million = 1_000_000;
  return [
    costLine("speech to text", "speech", minutes, speech.to_text),
    costLine("text to speech", "speech", spoken / million, speech.from_text),
    costLine("voice connections", "speech", minutes * a.connections_per_conversation, livekit.connection),
    costLine("model, input", "model", (input * (1 - a.cached_input_share)) / million, model.input),
    costLine("model, cached input", "model", (input * a.cached_input_share) / million, model.cached_input),
    costLine("model, output", "model", output / million, model.output),
  ];
}
