import { z } from "zod";
import { diffConfig } from "../../departments/config/diff.ts";
import { listConfigVersions } from "../../departments/config/list-versions.ts";
import { rollbackConfig } from "../../departments/config/rollback.ts";
import { showConfig } from "../../departments/config/show.ts";
import { Changes } from "../components/changes.tsx";
import { ConfirmForm } from "../components/form.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import {
  type ConsoleAction,
  type ConsolePage,
  departmentOf,
  may,
  type PageAccess,
  readFields,
} from "../parts/page.ts";

const rollback: PageAccess = { callers: "platform", scope: "departments:write" };
const version = z.coerce.number().int().min(1).max(2_000_000_000);
const query = z.object({ from: version.optional(), to: version.optional() });
const rollbackForm = z.object({ to_version: version, expected_version: version });
const versionsShown = 50;

/** What a department is defined as, what changed, and the way back. */
export const configPage: ConsolePage = {
  path: "/departments/:id/config",
  access: { callers: "own", scope: "departments:read" },
  async show(ctx, asked) {
    const name = departmentOf(asked);
    const [now, { items }, diff] = await Promise.all([
      showConfig(ctx, name),
      listConfigVersions(ctx, name, { limit: versionsShown }),
      diffConfig(ctx, name, readFields(query, asked.fields)),
    ]);
    const path = `/departments/${now.department_id}/config`;
    const body = (
      <>
        <p>
          <a href={`/departments/${now.department_id}`}>Back to the department</a>
        </p>
        <h2>Version {now.version}</h2>
        <pre tabindex={0}>{JSON.stringify(now.config, null, 2)}</pre>
        <h2>
          From version {diff.from} to {diff.to}
        </h2>
        <Changes caption="Changes" changes={diff.changes} />
        <Versions path={path} now={now.version} versions={items} />
        {may(ctx.caller, rollback) && now.version > 1 && <Rollback path={path} now={now.version} />}
      </>
    );
    return { title: `Configuration of ${now.department_id}`, body };
  },
};

export const configActions: ConsoleAction[] = [
  {
    path: "/departments/:id/config/rollback",
    access: rollback,
    async act(ctx, asked) {
      const name = departmentOf(asked);
      const stored = await rollbackConfig(ctx, name, readFields(rollbackForm, asked.fields));
      const message = `Version ${stored.version} is what the department has now.`;
      return { message, location: `/departments/${stored.department_id}/config` };
    },
  },
];

function Rollback({ path, now }: { path: string; now: number }) {
  return (
    <ConfirmForm
      action={`${path}/rollback`}
      label="Roll back"
      command={`curl -X POST …/api/v1${path}/rollback -d '{"to_version": n, "expected_version": ${now}}'`}
    >
      <p>The earlier version becomes a new one; the department follows with its next upgrade.</p>
      <input type="hidden" name="expected_version" value={String(now)} />
      <label>
        To version
        <input name="to_version" type="number" min="1" max={String(now - 1)} required />
      </label>
    </ConfirmForm>
  );
}

function Versions(props: {
  path: string;
  now: number;
  versions: readonly { version: number; created_by: string; created_at: string }[];
}) {
  return (
    <>
      <h2>Versions</h2>
      <Table
        caption="Versions, the newest first"
        head={["Version", "By", "At", "Compare"]}
        empty="None."
        rows={props.versions.map(({ version: number, created_by, created_at }) => [
          String(number),
          created_by,
          <Time at={created_at} />,
          number !== props.now && (
            <a href={`${props.path}?from=${number}&to=${props.now}`}>with the present one</a>
          ),
        ])}
      />
    </>
  );
}
