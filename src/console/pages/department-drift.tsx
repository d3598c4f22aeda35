import type { Caller } from "../../context.ts";
import { askForDrift } from "../../drift/ask-for-drift.ts";
import { repairDepartment } from "../../drift/repair-department.ts";
import { type DriftView, showDrift } from "../../drift/show-drift.ts";
import { Live } from "../components/live.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { DriftDiff } from "../components/drift-diff.tsx";
import { ActionForm } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, departmentOf, may, type PageAccess } from "../parts/page.ts";
import { syncOf } from "./drift.tsx";

const write: PageAccess = { callers: "platform", scope: "runs:write" };

/** What of one department is not as it should be, and the repair; after "look now" it waits for the look. */
export const departmentDriftPage: ConsolePage = {
  path: "/departments/:id/drift",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, asked) {
    const drift = await showDrift(ctx, departmentOf(asked));
    const asked_at = Date.parse(asked.fields["since"] ?? "");
    const isAwaited = asked_at > Date.parse(drift.checked_at ?? "1970-01-01T00:00:00Z");
    const body = (
      <>
        <p>
          <a href={`/departments/${drift.department_id}`}>Back to the department</a>
        </p>
        <Live id="drift" state={isAwaited ? "awaited" : "there"} isOver={!isAwaited}>
          {isAwaited && <p role="status">A worker looks now.</p>}
          <State drift={drift} />
          <DriftDiff drift={drift} />
        </Live>
        {may(ctx.caller, write) && <Actions drift={drift} />}
      </>
    );
    return { title: `Drift of ${drift.department_id}`, body };
  },
};

function State({ drift }: { drift: DriftView }) {
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>
        <Status of={syncOf(drift.in_sync)} />
      </dd>
      <dt>Last look</dt>
      <dd>
        <Time at={drift.checked_at} />
      </dd>
      <dt>Differs since</dt>
      <dd>
        <Time at={drift.found_at} />
      </dd>
    </dl>
  );
}

/** On the department's own page: the diff, and the way to the repair. */
export function DriftSection({ drift, caller }: { drift: DriftView; caller: Caller }) {
  return (
    <section aria-labelledby="drift">
      <h2 id="drift">Drift</h2>
      <p>
        <Status of={syncOf(drift.in_sync)} /> by the look at <Time at={drift.checked_at} />.{" "}
        <a href={`/departments/${drift.department_id}/drift`}>Look again</a>
      </p>
      <DriftDiff drift={drift} />
      {may(caller, write) && drift.in_sync === false && <Repair slug={drift.department_id} />}
    </section>
  );
}

function Actions({ drift: { department_id: slug } }: { drift: DriftView }) {
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <ActionForm
        action={`/departments/${slug}/drift`}
        button="Look now"
        command={fed("drift", slug, "--now")}
      />
      <Repair slug={slug} />
    </section>
  );
}

const Repair = ({ slug }: { slug: string }) => (
  <ActionForm
    action={`/departments/${slug}/repair`}
    button="Repair"
    command={fed("drift", slug, "--repair")}
  />
);

export const driftActions: ConsoleAction[] = [
  {
    path: "/departments/:id/drift",
    access: write,
    async act(ctx, asked) {
      const { department_id: slug, asked_at } = await askForDrift(ctx, departmentOf(asked));
      const since = new URLSearchParams({ since: asked_at });
      return { message: "A worker was asked to look.", location: `/departments/${slug}/drift?${since}` };
    },
  },
  {
    path: "/departments/:id/repair",
    access: write,
    question: ({ id }) => ({
      title: `Repair ${id}?`,
      text: "What differs is put back as the definition says; what somebody changed by hand is lost.",
      button: "Yes, repair it",
      command: fed("drift", id, "--repair"),
    }),
    async act(ctx, asked) {
      const { provisioning_id: run } = await repairDepartment(ctx, departmentOf(asked));
      return { message: "The repair has begun.", location: `/runs/${run}` };
    },
  },
];
