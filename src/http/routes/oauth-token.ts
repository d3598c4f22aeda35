import { giveToken } from "../../credentials/give-token.ts";
import { givenToken } from "../../credentials/given-token.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";

export const postOAuthToken = factory.createHandlers(
  operation({
    id: "giveGoogleToken",
    summary: "Gives the department a short-lived access token of Google",
    tag: "OAuth",
    answers: { 200: givenToken },
  }),
  async (c) => c.json(await giveToken(ctxOf(c))),
);
