import { z } from "zod";
import { exportTerraform } from "../../terraform/export.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";

const terraform = z.object({
  hcl: z.string(),
  departments: z.array(z.string()),
  left_out: z.array(z.object({ department_id: z.string(), reason: z.string() })),
});

export const getTerraform = factory.createHandlers(
  operation({
    id: "exportTerraform",
    summary: "Writes the departments on Railway as Terraform, with import blocks",
    tag: "Departments",
    answers: { 200: terraform },
  }),
  async (c) => c.json(await exportTerraform(ctxOf(c))),
);
