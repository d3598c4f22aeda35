import { describeN8nContract } from "../../contracts/n8n.ts";
import { describeN8nTriggers } from "../../contracts/n8n-triggers.ts";
import { startFakeN8n } from "../../fakes/n8n/start-fake-n8n.ts";

describeN8nContract("the fake", { choosesCredentialId: true, isCurrent: true }, () =>
  startFakeN8n({ registrationMs: 60 }),
);
describeN8nContract("the fake of 2.8", { choosesCredentialId: false, isCurrent: false }, () =>
  startFakeN8n({ version: "2.8" }),
);
describeN8nTriggers("the fake", startFakeN8n);
describeN8nTriggers("the fake of 2.8", () => startFakeN8n({ version: "2.8" }));
