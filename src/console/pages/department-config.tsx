import type { Context } from "hono";
import { z } from "zod";
import { type ConfigChange, diffConfig } from "../../departments/config/diff.ts";
import { listConfigVersions } from "../../departments/config/list-versions.ts";
import { rollbackConfig } from "../../departments/config/rollback.ts";
import { showConfig } from "../../departments/config/show.ts";
import { departmentParam } from "../../http/params.ts";
import { refusalOf } from "../../http/refusal-of.ts";
import { consoleAuthorization } from "../authorization.ts";
import { ConfirmForm } from "../components/form.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { flash } from "../cookies.ts";
import { consoleCtx, consoleFactory } from "../env.ts";
import { readForm, readQuery } from "../read-query.ts";
import { renderPage } from "../render-page.tsx";

const version = z.coerce.number().int().min(1).max(2_000_000_000);
const query = z.object({ from: version.optional(), to: version.optional() });
const rollbackForm = z.object({ to_version: version, expected_version: version });
const versionsShown = 50;

export const getConfig = consoleFactory.createHandlers(async (c) => {
  const ctx = consoleCtx(c);
  const name = departmentParam(c as Context);
  const asked = readQuery(c, query);
  const [now, { items }, diff] = await Promise.all([
    showConfig(ctx, name),
    listConfigVersions(ctx, name, { limit: versionsShown }),
    diffConfig(ctx, name, asked),
  ]);
  const rollback = consoleAuthorization["POST /departments/:id/config/rollback"];
  const mayRollBack = rollback !== undefined && refusalOf(rollback, ctx.caller) === undefined;
  const path = `/departments/${now.department_id}/config`;
  return renderPage(
    c,
    { title: `Configuration of ${now.department_id}`, current: "/" },
    <>
      <p>
        <a href={`/departments/${now.department_id}`}>Back to the department</a>
      </p>
      <h2>Version {now.version}</h2>
      <pre tabindex={0}>{JSON.stringify(now.config, null, 2)}</pre>
      <Changes from={diff.from} to={diff.to} changes={diff.changes} />
      <Versions path={path} now={now.version} versions={items} />
      {mayRollBack && now.version > 1 && (
        <ConfirmForm
          action={`${path}/rollback`}
          label="Roll back"
          command={`curl -X POST …/api/v1${path}/rollback -d '{"to_version": n, "expected_version": ${now.version}}'`}
        >
          <p>The earlier version becomes a new one; the department follows with its next upgrade.</p>
          <input type="hidden" name="expected_version" value={String(now.version)} />
          <label>
            To version
            <input name="to_version" type="number" min="1" max={String(now.version - 1)} required />
          </label>
        </ConfirmForm>
      )}
    </>,
  );
});

export const postRollback = consoleFactory.createHandlers(async (c) => {
  const name = departmentParam(c as Context);
  const stored = await rollbackConfig(consoleCtx(c), name, readForm(c, rollbackForm));
  flash(c, `Version ${stored.version} is what the department has now.`);
  return c.redirect(`/departments/${stored.department_id}/config`, 303);
});

function Changes({ from, to, changes }: { from: number; to: number; changes: readonly ConfigChange[] }) {
  return (
    <>
      <h2>
        From version {from} to {to}
      </h2>
      <Table caption="Changes" columns={["Where", "Change", "Before", "After"]} empty="Nothing differs.">
        {changes.map((change) => (
          <tr>
            <th scope="row">
              <code>{change.path}</code>
            </th>
            <td>{change.change}</td>
            <td>
              <code>{change.from === undefined ? "" : JSON.stringify(change.from)}</code>
            </td>
            <td>
              <code>{change.to === undefined ? "" : JSON.stringify(change.to)}</code>
            </td>
          </tr>
        ))}
      </Table>
    </>
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
      <Table caption="Versions, the newest first" columns={["Version", "By", "At", "Compare"]} empty="None.">
        {props.versions.map(({ version: number, created_by, created_at }) => (
          <tr>
            <th scope="row">{number}</th>
            <td>{created_by}</td>
            <td>
              <Time at={created_at} />
            </td>
            <td>
              {number !== props.now && (
                <a href={`${props.path}?from=${number}&to=${props.now}`}>with the present one</a>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}
