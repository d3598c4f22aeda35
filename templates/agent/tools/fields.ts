import type { ValueSchema } from "../schema.ts";

export const id: ValueSchema = { type: "string", format: "uuid", maxLength: 36 };
export const limit: ValueSchema = {
  type: "integer",
  minimum: 1,
  maximum: 50,
  description: "How many at most; 10",
};
export const offset: ValueSchema = { type: "integer", minimum: 0, maximum: 10_000 };
export const time: ValueSchema = { type: "string", format: "date-time", maxLength: 40 };
export const sessionId: ValueSchema = { ...id, description: "The voice session it belongs to" };
export const reason: ValueSchema = {
  type: "string",
  minLength: 3,
  maxLength: 500,
  description: "Why it is asked; goes into the audit",
};

export const words = (description: string): ValueSchema => ({
  type: "string",
  minLength: 1,
  maxLength: 500,
  description,
});
export const label = (lengthMax: number): ValueSchema => ({
  type: "string",
  minLength: 1,
  maxLength: lengthMax,
});
