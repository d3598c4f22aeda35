import { z } from "zod";

const instant = z.string().meta({ format: "date-time" });
const healthStatus = z.enum(["unknown", "healthy", "failing", "unhealthy"]);

export const healthSummary = z.object({
  id: z.uuid(),
  department_id: z.string(),
  host: z.string(),
  status: z.string(),
  health: healthStatus,
  since: instant.nullable(),
  checked_at: instant.nullable(),
  failures: z.int(),
  heal: z.enum(["none", "restarted", "redeployed", "given_up"]),
  failed: z.array(z.string()),
});

export const pastChecks = z.object({
  items: z.array(
    z.object({
      at: instant,
      status: healthStatus,
      checks: z.record(z.string(), z.object({ status: z.string(), detail: z.string() })),
    }),
  ),
});

export const checkAsked = z.object({ department_id: z.string(), asked_at: instant });
