import type { Caller } from "../../context.ts";
import type { DepartmentView } from "../../departments/show.ts";
import { hostNames } from "../../providers/hosts/host.ts";
import { ConfirmForm } from "../components/form.tsx";
import { may } from "../parts/page.ts";
import { departmentActions } from "./department-actions.ts";

interface Acted {
  department: DepartmentView;
}

/** What may be done to a department, each to be confirmed; only what the caller may do. */
export function DepartmentForms({ caller, department }: Acted & { caller: Caller }) {
  const offered = (action: string) =>
    departmentActions.some(
      ({ path, access }) => path === `/departments/:id/${action}` && may(caller, access),
    );
  if (department.status === "deprovisioned") return null;
  const isLocked = department.locked_at !== null;
  const isLive = department.status === "active" || department.status === "degraded";
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {isLive && offered("upgrade") && <Upgrade department={department} />}
      {isLive && offered("move") && <Move department={department} />}
      {isLocked && offered("unlock") && <Unlock department={department} />}
      {!isLocked && offered("lockdown") && <Lockdown department={department} />}
      {offered("deprovision") && <Deprovision department={department} />}
    </section>
  );
}

const pathOf = (department: DepartmentView, action: string) => `/departments/${department.id}/${action}`;

function Upgrade({ department }: Acted) {
  const command = `fed upgrade ${department.department_id} [--release image]`;
  return (
    <ConfirmForm action={pathOf(department, "upgrade")} label="Upgrade" command={command}>
      <label>
        Release, or nothing for the present one
        <input name="release" maxlength={255} spellcheck={false} />
      </label>
    </ConfirmForm>
  );
}

function Move({ department }: Acted) {
  const command = `fed move ${department.department_id} --to local|docker|railway [--region name]`;
  return (
    <ConfirmForm action={pathOf(department, "move")} label="Move" command={command}>
      <label>
        To
        <select name="to">
          {hostNames.map((host) => (
            <option value={host}>{host}</option>
          ))}
        </select>
      </label>
      <label>
        Region
        <input name="region" maxlength={40} spellcheck={false} />
      </label>
    </ConfirmForm>
  );
}

function Lockdown({ department }: Acted) {
  const { department_id: slug } = department;
  return (
    <ConfirmForm
      action={pathOf(department, "lockdown")}
      label="Lock down"
      command={`fed lockdown ${slug} --reason text`}
      word={slug}
      danger
    >
      <p>Its keys, tokens, sessions and grants end at once, and its agent stops.</p>
      <Reason />
    </ConfirmForm>
  );
}

function Unlock({ department }: Acted) {
  const command = `fed unlock ${department.department_id} --reason text`;
  return (
    <ConfirmForm action={pathOf(department, "unlock")} label="Unlock" command={command}>
      <p>It comes back with other keys.</p>
      <Reason />
    </ConfirmForm>
  );
}

function Deprovision({ department }: Acted) {
  const { department_id: slug } = department;
  return (
    <ConfirmForm
      action={pathOf(department, "deprovision")}
      label="Deprovision"
      command={`fed deprovision ${slug} --yes [--grace-hours 24] [--no-export]`}
      word={slug}
      danger
    >
      <p>
        After the grace time everything of it is destroyed; until then a cancel of the run brings it back.
      </p>
      <label>
        Hours of grace
        <input name="grace_hours" type="number" min="0" max="8760" step="any" value="24" required />
      </label>
      <label>
        <input name="export" type="checkbox" value="yes" checked />
        Keep an export
      </label>
    </ConfirmForm>
  );
}

const Reason = () => (
  <label>
    Reason
    <input name="reason" required maxlength={500} />
  </label>
);
