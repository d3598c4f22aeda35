import { createRelease } from "../../releases/create.ts";
import { listReleases } from "../../releases/list.ts";
import { releaseInput, type ReleaseView } from "../../releases/release.ts";
import { NextPage } from "../components/next-page.tsx";
import { Time } from "../components/time.tsx";
import { ActionForm, Field } from "../components/action-form.tsx";
import { type ConsoleAction, type ConsolePage, type PageAccess, readFields } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

const write: PageAccess = { callers: "platform", scope: "runs:write" };

/** What departments run, as one thing with a name, the newest first. */
export const releasesPage: ConsolePage = {
  path: "/releases",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listReleases(ctx, { limit: 50, cursor, newestFirst: true });
    const body = (
      <>
        <Table
          caption="Releases, newest first"
          head={["Release", "Image", "Schema", "Made in", "Signed", "At"]}
          empty="There is no release yet."
          rows={items.map(rowOf)}
        />
        <NextPage path="/releases" query={fields} cursor={next_cursor} />
        {ctx.caller.scopes.has("runs:write") ? <CreateForm /> : null}
      </>
    );
    return { title: "Releases", body };
  },
};

function rowOf(release: ReleaseView) {
  return [
    <a href={`/releases/${release.id}`}>{release.name}</a>,
    release.agent_image === null ? "as it is" : <code>{release.agent_image}</code>,
    String(release.schema_version),
    release.source_environment,
    release.manifest === null ? "no" : `for ${release.manifest.document.to}`,
    <Time at={release.created_at} />,
  ];
}

function CreateForm() {
  return (
    <section aria-labelledby="create">
      <h2 id="create">Make a release</h2>
      <p>Of the templates and the schema of this control plane, and an image of the agent.</p>
      <ActionForm action="/releases" button="Make it" command="fed release create <name> [--image ref]">
        <Field label="Name" name="name" required />
        <Field label="Image (empty: hosts keep theirs)" name="agent_image" />
      </ActionForm>
    </section>
  );
}

export const releaseActions: ConsoleAction[] = [
  {
    path: "/releases",
    access: write,
    async act(ctx, { fields: { name, agent_image } }) {
      const release = await createRelease(ctx, readFields(releaseInput, { name, agent_image }));
      return { message: `The release ${release.name} is made.`, location: `/releases/${release.id}` };
    },
  },
];
