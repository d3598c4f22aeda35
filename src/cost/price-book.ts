import { join } from "node:path";
import { z } from "zod";
import { FederationError } from "../errors.ts";

/** US dollars as written become whole micro-dollars: sums are exact. */
const usd = z
  .number()
  .min(0)
  .max(1_000_000)
  .transform((value) => Math.round(value * 1_000_000));
const priceFields = { usd, per: z.string().min(1), as_of: z.iso.date(), source: z.url() };
const price = z.strictObject(priceFields);
export type Price = z.infer<typeof price>;

const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const machine = z.strictObject({
  ...priceFields,
  vcpus: z.number().positive(),
  memory_gb: z.number().positive(),
});

const priceBook = z.strictObject({
  as_of: z.iso.date(),
  railway: z.strictObject({ memory: price, cpu: price, egress: price, volume: price, plan: price }),
  speech: z.strictObject({ to_text: price, from_text: price }),
  model: z.strictObject({ input: price, cached_input: price, output: price }),
  livekit: z.strictObject({ connection: price }),
  machines: z.strictObject({ node: machine, small: machine }),
  assumptions: z.strictObject({
    voice_minutes_per_working_day: amount,
    working_days_per_month: z.number().min(0).max(31),
    assistant_speaks_share: share,
    characters_per_spoken_minute: amount,
    turns_per_minute: amount,
    input_tokens_per_turn: amount,
    cached_input_share: share,
    output_tokens_per_turn: amount,
    connections_per_conversation: amount,
    memory_used_share: share,
    cpu_used_share: share,
    node_memory_usable_share: share.refine((value) => value > 0, "must be above 0"),
    egress_gb_per_month: amount,
    n8n_cpu: amount,
    n8n_memory_gb: amount,
    n8n_volume_gb: amount,
    departments_per_shared_n8n: z.number().min(1),
  }),
  standard_department: z.strictObject({
    cpu: z.number().positive(),
    memory_mb: z.number().positive(),
    replicas: z.int().min(1),
    n8n: z.enum(["shared", "own", "none"]),
  }),
  fixed: z.strictObject({
    people_usd_per_hour: usd,
    railway: z.strictObject({
      memory_gb: amount,
      cpu: amount,
      volume_gb: amount,
      people_hours_per_month: amount,
    }),
    machines: z.strictObject({ node: z.int().min(0), small: z.int().min(0), people_hours_per_month: amount }),
  }),
});
export type PriceBook = z.infer<typeof priceBook>;

const file = join(import.meta.dir, "../../templates/prices.yaml");

/** The price book beside the templates, amounts in micro-dollars. Throws `bad_price_book`, with the path of what is wrong. */
export async function readPriceBook(): Promise<PriceBook> {
  return parsePriceBook(await Bun.file(file).text());
}

export function parsePriceBook(text: string): PriceBook {
  const wrong = (message: string) =>
    new FederationError("bad_price_book", `templates/prices.yaml: ${message}`);
  let content: unknown;
  try {
    content = Bun.YAML.parse(text);
  } catch {
    throw wrong("is not YAML");
  }
  const parsed = priceBook.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrong(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is wrong"}`);
}
