import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { type CredentialView, showCredentials } from "../../credentials/show.ts";
import type { Ctx } from "../../context.ts";
import { showConfig } from "../../departments/config/show.ts";
import { type OverviewRow, overviewDepartments } from "../../departments/overview.ts";
import { listResources, type ResourceView } from "../../departments/resources.ts";
import { type DepartmentView, showDepartment } from "../../departments/show.ts";
import { departmentParam } from "../../http/params.ts";
import { listRuns } from "../../provisioning/list-runs.ts";
import { DepartmentActions } from "../components/department-actions.tsx";
import { Sparkline } from "../components/sparkline.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { consoleCtx, consoleFactory } from "../env.ts";
import { renderPage } from "../render-page.tsx";
import { RunTable } from "./runs.tsx";

const runsShown = 5;

export const getDepartment = consoleFactory.createHandlers(async (c) => {
  const ctx = consoleCtx(c);
  const shown = await readDepartment(ctx, departmentParam(c as Context));
  const { department, credentials, resources, config, runs, overview } = shown;
  return renderPage(
    c,
    { title: department.name, current: "/" },
    <>
      <Facts department={department} overview={overview} />
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
      <Section id="runs" title="Runs">
        <RunTable runs={runs} />
      </Section>
      <DepartmentActions caller={ctx.caller} department={department} />
    </>,
  );
});

async function readDepartment(ctx: Ctx, name: string) {
  const department = await showDepartment(ctx, name);
  const { id } = department;
  const [credentials, resources, config, runs, overview] = await Promise.all([
    showCredentials(ctx, id),
    listResources(ctx, id),
    showConfig(ctx, id),
    listRuns(ctx, { department: id, limit: runsShown }),
    overviewDepartments(ctx, { id, limit: 1 }),
  ]);
  return {
    department,
    credentials,
    config,
    resources: resources.items,
    runs: runs.items,
    overview: overview.items[0],
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

function Facts({ department, overview }: { department: DepartmentView; overview: OverviewRow | undefined }) {
  const facts: [string, Child][] = [
    ["Status", <Status of={department.status} />],
    ["Id", <code>{department.department_id}</code>],
    ["Health", <Status of={overview?.health ?? "unknown"} />],
    ["Last look", <Time at={overview?.checked_at ?? null} />],
    ["Last 24 hours", <Sparkline history={overview?.history ?? ""} />],
    ["Open alerts", String(overview?.alerts ?? 0)],
    ["Host", department.region === null ? department.host : `${department.host}, ${department.region}`],
    ["Release", <code>{department.release}</code>],
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
      <dl class="facts">
        {facts.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

function Credentials({ credentials }: { credentials: readonly CredentialView[] }) {
  return (
    <Table
      caption="What it may use elsewhere"
      columns={["Service", "Status", "Access ends", "Consented", "Missing", "Problem"]}
      empty="It has none."
    >
      {credentials.map((credential) => (
        <tr>
          <th scope="row">{credential.service}</th>
          <td>
            <Status of={credential.status} />
          </td>
          <td>
            <Time at={credential.access_expires_at} />
          </td>
          <td>
            <Time at={credential.consented_at} />
          </td>
          <td>{credential.missing_scopes.join(" ")}</td>
          <td>{credential.failure_code}</td>
        </tr>
      ))}
    </Table>
  );
}

function Resources({ resources }: { resources: readonly ResourceView[] }) {
  return (
    <Table
      caption="What exists, or existed, because of it"
      columns={["Where", "Kind", "Name", "Id", "Made", "State"]}
      empty="It has none."
    >
      {resources.map((resource) => (
        <tr>
          <td>{resource.provider}</td>
          <td>{resource.kind}</td>
          <td>{resource.name}</td>
          <td>
            <ResourceId resource={resource} />
          </td>
          <td>
            <Time at={resource.created_at} />
          </td>
          <td>{stateOf(resource)}</td>
        </tr>
      ))}
    </Table>
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
