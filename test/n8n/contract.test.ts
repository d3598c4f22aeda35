// Against the n8n of N8N_BASE_URL and N8N_API_KEY; what it makes there it removes.
import { describeN8nContract } from "../contracts/n8n.ts";
import { describeN8nTriggers } from "../contracts/n8n-triggers.ts";

const { N8N_BASE_URL: baseUrl, N8N_API_KEY: apiKey } = process.env;
if (!baseUrl || !apiKey) throw new Error("N8N_BASE_URL and N8N_API_KEY say which n8n to test.");
const isCurrent = process.env["N8N_VERSION"] !== "2.8";

const given = () => Promise.resolve({ baseUrl, apiKey, close: () => Promise.resolve() });

describeN8nContract(baseUrl, { choosesCredentialId: isCurrent, isCurrent }, given);
describeN8nTriggers(baseUrl, given);
