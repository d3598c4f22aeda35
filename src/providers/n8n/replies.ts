// What n8n answers, cut down to what n8n.ts has. Workflows of others are listed too: what theirs may lack has a default.
import { z } from "zod";
import type { RemoteCredential, RemoteWorkflow, WorkflowNode } from "./n8n.ts";

const jsonObject = z.record(z.string(), z.json());

/** n8n writes null where nothing is set. */
const withoutNulls = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined))
    : value;

const node: z.ZodType<WorkflowNode> = z.preprocess(
  withoutNulls,
  z.object({
    id: z.string().default(""),
    name: z.string(),
    type: z.string(),
    typeVersion: z.number().default(1),
    position: z.tuple([z.number(), z.number()]).default([0, 0]),
    parameters: jsonObject.default({}),
    credentials: z
      .record(
        z.string(),
        z.preprocess(withoutNulls, z.object({ id: z.string().default(""), name: z.string().default("") })),
      )
      .exactOptional(),
    webhookId: z.string().exactOptional(),
    disabled: z.boolean().exactOptional(),
    notes: z.string().exactOptional(),
    onError: z.enum(["continueErrorOutput", "continueRegularOutput", "stopWorkflow"]).exactOptional(),
    executeOnce: z.boolean().exactOptional(),
    alwaysOutputData: z.boolean().exactOptional(),
    retryOnFail: z.boolean().exactOptional(),
    maxTries: z.number().exactOptional(),
    waitBetweenTries: z.number().exactOptional(),
  }),
);

export const workflowReply: z.ZodType<RemoteWorkflow> = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    nodes: z.array(node),
    connections: jsonObject,
    settings: jsonObject.nullish(),
    active: z.boolean(),
    isArchived: z.boolean().nullish(),
    versionId: z.string().nullish(),
    activeVersionId: z.string().nullish(),
  })
  .transform(({ settings, isArchived, versionId, activeVersionId, ...rest }) => ({
    ...rest,
    settings: settings ?? {},
    isArchived: isArchived ?? false,
    hasUnpublishedChanges:
      typeof activeVersionId === "string" && typeof versionId === "string" && activeVersionId !== versionId,
  }));

export const credentialReply: z.ZodType<RemoteCredential> = z.object({
  id: z.string().min(1),
  name: z.string(),
  type: z.string(),
});

/** Of a delete; older ones leave the id out of it. */
export const objectReply = z.object({});
