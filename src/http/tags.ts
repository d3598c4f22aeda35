/** The groups of the reference, each with what it is about. */
export const tags = {
  System: "Whether it runs, tokens, the reference itself, alerts, and the queues behind everything.",
  OAuth: "A department's access to Google, and the clients with which it is asked for.",
  "People and keys": "Who may call, and with what.",
  Keys: "The keys that seal and sign, and their rotation.",
  Provisioning: "Runs: they make a department, change it, move it and take it away.",
  Departments: "What a department is, costs, keeps and has.",
  Safety: "Lockdown, and what needs a second person.",
  Releases: "What departments run, brought to them in batches, and from one environment to the next.",
  Data: "What a department's own systems put in, and its assistant remembers.",
  Agents: "Tokens for a conversation with a department's agent.",
  Workflows: "The n8n instances for departments that have one of their own.",
  Audit: "What happened: searched, verified, exported, proven.",
  Gateway: "Questions to a department, how they were decided, and how many may be asked.",
  Webhooks: "Whom we call when something happens, and who may call us.",
  Grants: "What one department may ask another.",
} as const;

export type Tag = keyof typeof tags;
