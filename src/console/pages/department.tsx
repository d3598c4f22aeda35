import type { Child } from "hono/jsx";
import { type CredentialView, showCredentials } from "../../credentials/show.ts";
import type { Ctx } from "../../context.ts";
import { monthlyEstimates } from "../../cost/monthly-estimates.ts";
import { showConfig } from "../../departments/config/show.ts";
import { type OverviewRow, overviewDepartments } from "../../departments/overview.ts";
import { listResources, type ResourceView } from "../../departments/resources.ts";
import { type DepartmentView, showDepartment } from "../../departments/show.ts";
import { showDrift } from "../../drift/show-drift.ts";
import { listRuns } from "../../provisioning/list-runs.ts";
import { dollars } from "../components/dollars.ts";
import { RunTable } from "../components/run-table.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { Facts } from "../components/facts.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { type ConsolePage, departmentOf, may } from "../parts/page.ts";
import { departmentDriftPage, DriftSection } from "./department-drift.tsx";
import { DepartmentForms } from "./department-forms.tsx";

const runsShown = 5;

/** One department: how it is, what it has, what was and can be done with it. */
export const departmentPage: ConsolePage = {
  path: "/departments/:id",
  access: { callers: "own", scope: "departments:read" },
  async show(ctx, asked) {
    const shown = await readDepartment(ctx, departmentOf(asked));
    const { department, credentials, resources, config, runs } = shown;
    const mayDrift = may(ctx.caller, departmentDriftPage.access) && department.status !== "deprovisioned";
    const body = (
      <>
        <About {...shown} />
        <p>
          <a href={`/departments/${department.id}/config`}>Configuration (version {config.version})</a>
          {ctx.caller.scopes.has("audit:read") && (
            <>
              {" · "}
              <a href={`/departments/${department.id}/queries`}>Recent queries</a>
            </>
          )}
        </p>
        <Section id="tools" title="Tools">
          <ul>
            {config.config.enabled_tools.map((tool) => (
              <li>{tool.replaceAll("_", " ")}</li>
            ))}
          </ul>
        </Section>
        <Section id="credentials" title="Credentials">
          <Credentials credentials={credentials} />
        </Section>
        <Section id="resources" title="Resources">
          <Resources resources={resources} />
        </Section>
        {mayDrift && <DriftSection drift={await showDrift(ctx, department.id)} caller={ctx.caller} />}
        <Section id="runs" title="Runs">
          <RunTable runs={runs} />
        </Section>
        <DepartmentForms caller={ctx.caller} department={department} />
      </>
    );
    return { title: department.name, body };
  },
};

async function readDepartment(ctx: Ctx, name: string) {
  const department = await showDepartment(ctx, name);
  const { id } = department;
  const [credentials, resources, config, runs, overview, costs] = await Promise.all([
    showCredentials(ctx, id),
    listResources(ctx, id),
    showConfig(ctx, id),
    listRuns(ctx, { department: id, limit: runsShown }),
    overviewDepartments(ctx, { id, limit: 1 }),
    monthlyEstimates(ctx, [id]),
  ]);
  return {
    department,
    credentials,
    config,
    resources: resources.items,
    runs: runs.items,
    overview: overview.items[0],
    cost: costs.get(id),
  };
}

function Section({ id, title, children }: { id: string; title: string; children: Child }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function About(props: {
  department: DepartmentView;
  overview: OverviewRow | undefined;
  cost: number | undefined;
}) {
  const { department, overview, cost } = props;
  const facts: [string, Child][] = [
    ["Status", <Status of={department.status} />],
    ["Id", <code>{department.department_id}</code>],
    ["Health", <Status of={overview?.health ?? "unknown"} />],
    ["Last look", <Time at={overview?.checked_at ?? null} />],
    ["Last 24 hours", <Sparkline history={overview?.history ?? ""} />],
    ["Open alerts", String(overview?.alerts ?? 0)],
    ["Host", department.region === null ? department.host : `${department.host}, ${department.region}`],
    ["Release", <code>{department.release}</code>],
    ["Cost a month", cost === undefined ? "–" : dollars(cost)],
    ["Person", department.admin_email],
    ["Since", <Time at={department.created_at} />],
  ];
  return (
    <>
      {department.locked_at !== null && (
        <p class="problem">
          Locked since <Time at={department.locked_at} />: {department.lock_reason}
        </p>
      )}
      <Facts facts={facts} />
    </>
  );
}

function Credentials({ credentials }: { credentials: readonly CredentialView[] }) {
  return (
    <Table
      caption="What it may use elsewhere"
      head={["Service", "Status", "Access ends", "Consented", "Missing", "Problem"]}
      empty="It has none."
      rows={credentials.map((credential) => [
        credential.service,
        <Status of={credential.status} />,
        <Time at={credential.access_expires_at} />,
        <Time at={credential.consented_at} />,
        credential.missing_scopes.join(" "),
        credential.failure_code,
      ])}
    />
  );
}

function Resources({ resources }: { resources: readonly ResourceView[] }) {
  return (
    <Table
      caption="What exists, or existed, because of it"
      head={["Where", "Kind", "Name", "Id", "Made", "State"]}
      empty="It has none."
      rows={resources.map((resource) => [
        resource.provider,
        resource.kind,
        resource.name,
        <ResourceId resource={resource} />,
        <Time at={resource.created_at} />,
        stateOf(resource),
      ])}
    />
  );
}

/** A project on Railway has a page of its own there. */
function ResourceId({ resource }: { resource: ResourceView }) {
  const { provider, kind, external_id: id } = resource;
  const isProject = provider === "railway" && kind.includes("project") && /^[0-9a-f-]{36}$/.test(id);
  if (!isProject) return <code>{id}</code>;
  return (
    <a href={`https://railway.com/project/${id}`} rel="noreferrer">
      {id}
    </a>
  );
}

function stateOf({ orphaned_at, deleted_at, verified_absent_at }: ResourceView): string {
  if (verified_absent_at !== null) return "gone, looked for";
  if (deleted_at !== null) return "deleted";
  return orphaned_at !== null ? "orphaned" : "there";
}
