import type { Child } from "hono/jsx";
import type { Ctx } from "../../context.ts";
import { pauseRollout } from "../../rollouts/pause.ts";
import { resumeRollout } from "../../rollouts/resume.ts";
import { rollBackRollout } from "../../rollouts/roll-back.ts";
import type { RolloutDetail, RolloutView } from "../../rollouts/rollout.ts";
import { showRollout } from "../../rollouts/show.ts";
import { Live } from "../components/live.tsx";
import { Facts } from "../components/facts.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { ActionForm } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, idOf, type PageAccess, type Question } from "../parts/page.ts";
import { Table } from "../components/table.tsx";
import { countsOf } from "./rollouts.tsx";

const write: PageAccess = { callers: "platform", scope: "runs:write" };
const backOf = { failed: "what failed", all: "everything it changed" } as const;
const ended: readonly string[] = ["succeeded", "stopped", "rolled_back"];

/** One rollout: its batches, its gate, why it stopped, and each department; it follows what happens. */
export const rolloutPage: ConsolePage = {
  path: "/rollouts/:id",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, asked) {
    const rollout = await showRollout(ctx, idOf(asked));
    const body = (
      <>
        <Live id="rollout" state={rollout.status} isOver={ended.includes(rollout.status)}>
          <About rollout={rollout} />
          <Departments rollout={rollout} />
        </Live>
        {ctx.caller.scopes.has("runs:write") ? <Actions rollout={rollout} /> : null}
      </>
    );
    return { title: `Rollout of ${rollout.release}`, body };
  },
};

function About({ rollout }: { rollout: RolloutView }) {
  const { gate_seconds: gate, failures_max: failures } = rollout;
  const facts: [string, Child][] = [
    ["Status", <Status of={rollout.status} />],
    ["Batch", `${rollout.batch} of ${rollout.batches}, ${rollout.batch_size} departments each`],
    ["Departments", countsOf(rollout)],
    ["Gate", gateOf(rollout)],
    ["Stops when", `more than ${failures} failed; then ${backOf[rollout.rollback]} is put back`],
    ["Begun", <Time at={rollout.created_at} />],
    ["Ended", <Time at={rollout.finished_at} />],
  ];
  return (
    <>
      {rollout.reason !== null && <p class="problem">{rollout.reason}</p>}
      <Facts facts={facts} />
    </>
  );

  function gateOf({ status, gate_until: until }: RolloutView): Child {
    const each = `each batch has to stay well for ${gate} s`;
    if (until === null || (status !== "running" && status !== "paused")) return each;
    return (
      <>
        {each}; this one until <Time at={until} />
      </>
    );
  }
}

function Departments({ rollout }: { rollout: RolloutDetail }) {
  return (
    <Table
      caption="Departments, in the order of their turns"
      head={["Department", "Batch", "Status", "Before", "After", "Runs", "Why"]}
      empty="It has no departments."
      rows={rollout.items.map((item) => [
        <a href={`/departments/${item.department_id}`}>{item.department_id}</a>,
        String(item.batch),
        <Status of={item.status} />,
        item.release_before ?? "–",
        item.release_after ?? "–",
        <>
          {item.run_id !== null && <a href={`/runs/${item.run_id}`}>there</a>}{" "}
          {item.rollback_run_id !== null && <a href={`/runs/${item.rollback_run_id}`}>and back</a>}
        </>,
        item.error ?? "–",
      ])}
    />
  );
}

function Actions({ rollout: { id, status } }: { rollout: RolloutView }) {
  const form = (verb: string, button: string) => (
    <ActionForm action={`/rollouts/${id}/${verb}`} button={button} command={fed("rollout", verb, id)} />
  );
  if (status === "rolling_back" || status === "rolled_back") return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {status === "running" && form("pause", "Pause")}
      {status === "paused" && form("resume", "Resume")}
      {form("rollback", "Roll back")}
    </section>
  );
}

export const rolloutActions: ConsoleAction[] = [
  deciding("pause", pauseRollout, "It is paused: upgrades under way go to their end, none begins."),
  deciding("resume", resumeRollout, "It goes on."),
  deciding("rollback", rollBackRollout, "Every department it changed goes back.", ({ id }) => ({
    title: "Roll this back?",
    text: "Every department that it changed goes back to its release of before, and the rest is left out.",
    button: "Yes, roll it back",
    command: fed("rollout", "rollback", id),
  })),
];

function deciding(
  verb: string,
  decide: (ctx: Ctx, id: string) => Promise<RolloutView>,
  message: string,
  question?: (asked: { id: string }) => Question,
): ConsoleAction {
  return {
    path: `/rollouts/:id/${verb}`,
    access: write,
    ...(question && { question }),
    async act(ctx, asked) {
      const { id } = await decide(ctx, idOf(asked));
      return { message, location: `/rollouts/${id}` };
    },
  };
}
