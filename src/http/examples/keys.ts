import { type Examples, page } from "./example.ts";
import { earlier, hr, later, object } from "./names.ts";

const rotation = {
  id: object,
  kind: "data",
  department_id: hr,
  from_id: "01a1c2c1-0000-7000-8000-000000000001",
  to_id: "01a1c2c1-0000-7000-8000-000000000002",
  status: "running",
  total: 40,
  done: 12,
  next_at: null,
  error_code: null,
  created_at: earlier,
  finished_at: null,
};
const ofKek = { ...rotation, kind: "kek", department_id: null, from_id: null, to_id: "3f9a1c07" };

export const keys: Examples = {
  listKeys: {
    answers: {
      200: {
        ...page({
          id: object,
          department_id: hr,
          purpose: "department",
          kek_id: "3f9a1c07",
          status: "active",
          uses: 40,
          created_at: earlier,
        }),
        keks: [{ id: "3f9a1c07", current: true, uses: 5, created_at: earlier, retired_at: null }],
        signing_keys: [
          { kid: "k1", status: "active", private_half: "kept", created_at: earlier, retired_at: null },
        ],
        oldest_active_days: 26,
      },
    },
  },
  rotateKey: { body: { department_id: "hr" }, answers: { 202: rotation } },
  rotateKek: { answers: { 202: ofKek } },
  showRotation: {
    answers: { 200: { ...rotation, status: "succeeded", done: 40, finished_at: later } },
  },
};
