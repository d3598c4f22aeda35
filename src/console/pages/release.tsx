import { promoteRelease, promotionInput } from "../../releases/promote.ts";
import type { ReleaseView } from "../../releases/release.ts";
import { showRelease } from "../../releases/show.ts";
import { Time } from "../components/time.tsx";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, idOf, readFields } from "../parts/page.ts";
import { Table } from "../components/table.tsx";
import { StartForm } from "./start-rollout.tsx";

type ReleaseDetail = Awaited<ReturnType<typeof showRelease>>;

/** One release: what it pins, what speaks for it here, and what can be done with it. */
export const releasePage: ConsolePage = {
  path: "/releases/:id",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, asked) {
    const release = await showRelease(ctx, idOf(asked));
    const isOurs = release.source_environment === ctx.config.environment;
    const mayAct = ctx.caller.scopes.has("runs:write");
    const isUnproven = ctx.config.environment === "production" && (isOurs || release.manifest === null);
    const body = (
      <>
        <Facts release={release} />
        <Evidence release={release} />
        {mayAct && <StartForm release={release.name} isUnproven={isUnproven} />}
        {mayAct && isOurs && <PromoteForm release={release} environment={ctx.config.environment} />}
      </>
    );
    return { title: `Release ${release.name}`, body };
  },
};

function Facts({ release }: { release: ReleaseView }) {
  const templates = Object.entries(release.templates).map(([name, version]) => `${name} ${version}`);
  return (
    <dl class="facts">
      <dt>Image</dt>
      <dd>{release.agent_image === null ? "hosts keep theirs" : <code>{release.agent_image}</code>}</dd>
      <dt>Templates</dt>
      <dd>{templates.join(", ")}</dd>
      <dt>Schema</dt>
      <dd>{release.schema_version}</dd>
      <dt>Made</dt>
      <dd>
        in {release.source_environment}, <Time at={release.created_at} />
      </dd>
      <dt>Promoted</dt>
      <dd>{release.manifest === null ? "no" : `to ${release.manifest.document.to}`}</dd>
    </dl>
  );
}

function Evidence({ release: { evidence } }: { release: ReleaseDetail }) {
  const { rollout, departments, missing, healthy_hours_min: hours } = evidence;
  return (
    <section aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      <p>
        {rollout === null ? (
          "Its newest rollout has not come to a good end here."
        ) : (
          <a href={`/rollouts/${rollout}`}>The rollout that brought it to everybody</a>
        )}
      </p>
      <Table
        caption={`Departments that run it; each has to be well for ${hours} hours`}
        head={["Department", "Host", "Well for"]}
        empty="No department runs it."
        rows={departments.map(({ department_id, host, healthy_hours }) => [
          <a href={`/departments/${department_id}`}>{department_id}</a>,
          host,
          healthy_hours === null ? "not well" : `${healthy_hours} h`,
        ])}
      />
      {missing.length === 0 ? (
        <p>Nothing is missing but the word on the tests.</p>
      ) : (
        <>
          <p>Missing for a promotion:</p>
          <ul>
            {missing.map(({ path, message }) => (
              <li>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function PromoteForm({ release, environment }: { release: ReleaseView; environment: string }) {
  const targets = promotionInput.shape.to.options.filter((target) => target !== environment);
  return (
    <section aria-labelledby="promote">
      <h2 id="promote">Promote</h2>
      <ActionForm
        action={`/releases/${release.id}/promote`}
        button="Promote"
        command={`${fed("promote", release.name)} --to … --tests …`}
      >
        <Choice label="To" name="to" options={targets} />
        <Field label="Where the tests are green" name="tests" required />
      </ActionForm>
    </section>
  );
}

export const promoteActions: ConsoleAction[] = [
  {
    path: "/releases/:id/promote",
    access: { callers: "platform", scope: "runs:write" },
    async act(ctx, asked) {
      const id = idOf(asked);
      const { to, tests } = asked.fields;
      const manifest = await promoteRelease(ctx, id, readFields(promotionInput, { to, tests }));
      const body = (
        <>
          <p role="status">Signed by key {manifest.kid}. The other environment imports it:</p>
          <pre tabindex={0} aria-label="The signed manifest">
            {JSON.stringify(manifest, null, 2)}
          </pre>
          <p>
            <a href={`/releases/${id}`}>Back to the release</a>
          </p>
        </>
      );
      return { title: `${manifest.document.release.name} is promoted to ${manifest.document.to}`, body };
    },
  },
];
