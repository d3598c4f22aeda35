import { type Examples, page } from "./example.ts";
import { earlier, object, person } from "./names.ts";

const member = {
  id: person,
  email: "ann@example.com",
  role: "department_admin",
  department_id: "hr",
  created_at: earlier,
  disabled_at: null,
};
const key = {
  id: object,
  key_id: "3kTz81Qb",
  name: "ann's laptop",
  member_id: person,
  department: null,
  scopes: ["departments:read", "grants:read"],
  status: "active",
  created_at: earlier,
  expires_at: "2027-01-31T08:15:30.000Z",
  last_used_at: null,
  revoked_at: null,
};

export const people: Examples = {
  listMembers: { answers: { 200: page(member) } },
  createMember: {
    body: { email: "ann@example.com", role: "department_admin", department_id: "hr" },
    answers: { 201: member },
  },
  listApiKeys: { answers: { 200: page(key) } },
  mintApiKey: {
    body: {
      name: "ann's laptop",
      member_id: person,
      scopes: ["departments:read", "grants:read"],
      expires_in_days: 90,
    },
    answers: { 201: { ...key, key: "fed_prod_3kTz81Qb_…" } },
  },
};
