import { type Examples, page } from "./example.ts";
import { earlier, hr, later } from "./names.ts";

export const drift: Examples = {
  showDrift: {
    answers: {
      200: {
        department_id: "hr",
        in_sync: false,
        checked_at: later,
        found_at: earlier,
        workflows: [
          {
            key: "calendar",
            name: "fed/production/4f7k2m9q/calendar",
            id: "aB3dE5fG7hJ9kL1m",
            problems: ["changed"],
            template_version: 3,
            live_version: 3,
            changes: [{ path: "nodes.Call.parameters.url", change: "changed", from: "a", to: "b" }],
          },
        ],
        credentials: [{ name: "fed/production/4f7k2m9q/api", id: "nM2pQ4rS6tU8vW0x", problems: [] }],
        leftovers: [],
        foreign: [],
        host: [{ part: "variable", name: "ENABLED_TOOLS", change: "changed" }],
        database: [],
        unknown: [],
      },
    },
  },
  lookForDrift: { answers: { 202: { department_id: "hr", asked_at: later } } },
  listDrift: {
    answers: {
      200: page({
        id: hr,
        department_id: "hr",
        in_sync: false,
        drifted: ["workflows", "host"],
        unknown: [],
        checked_at: later,
        found_at: earlier,
      }),
    },
  },
};
