import { type Examples, page } from "./example.ts";
import { earlier, object } from "./names.ts";

const instance = {
  id: object,
  base_url: "https://n8n-1.example.com",
  webhook_url: "https://n8n-1.example.com",
  status: "free",
  department_id: null,
  leased_at: null,
  created_at: earlier,
};

export const workflows: Examples = {
  listInstances: { answers: { 200: page(instance) } },
  addInstance: {
    body: { base_url: "https://n8n-1.example.com", api_key: "n8n-api-key" },
    answers: { 201: instance },
  },
  retireInstance: { answers: { 200: { ...instance, status: "retired" } } },
};
