import { randomBytes } from "node:crypto";

/** 256 bits as base64url, 43 letters. */
export const randomToken = () => randomBytes(32).toString("base64url");
