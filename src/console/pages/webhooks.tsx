import type { Ctx } from "../../context.ts";
import { eventTypes } from "../../webhooks/emit.ts";
import type { EndpointView } from "../../webhooks/endpoints/endpoint.ts";
import { listEndpoints } from "../../webhooks/endpoints/list.ts";
import { ActionForm, Choice, Field, OnceField } from "../components/action-form.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

/** Whom we call when something happens, and why somebody is not called any more. */
export const webhooksPage: ConsolePage = {
  path: "/webhooks",
  access: { callers: "own", scope: "webhooks:write" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listEndpoints(ctx, { limit: 50, cursor });
    const body = (
      <>
        <Table
          caption="Endpoints"
          head={[
            "URL",
            "Kind",
            "Format",
            "Description",
            "Department",
            "Types",
            "State",
            "Failing since",
            "Action",
          ]}
          empty="Nobody is called."
          rows={items.map(rowOf)}
        />
        <NextPage path="/webhooks" query={fields} cursor={next_cursor} />
        <AddForm ctx={ctx} />
      </>
    );
    return { title: "Webhooks", body };
  },
};

const reasons = {
  gone: "off: it answered 410",
  failing: "off: it failed for too long",
  by_hand: "off: by hand",
};

function rowOf(endpoint: EndpointView) {
  const isOn = endpoint.status === "active";
  return [
    <a href={`/webhooks/${endpoint.id}`}>{endpoint.url}</a>,
    endpoint.kind,
    endpoint.format,
    endpoint.description,
    endpoint.department_id ?? "all",
    endpoint.types.length === 0 ? "all" : endpoint.types.join(", "),
    isOn ? (
      <Status of="active" />
    ) : (
      <span class="status bad">{reasons[endpoint.off_reason ?? "by_hand"]}</span>
    ),
    <Time at={endpoint.failing_since} />,
    endpoint.kind === "callback" ? (
      "belongs to the department's config"
    ) : (
      <ActionForm
        action={`/webhooks/${endpoint.id}/${isOn ? "off" : "on"}`}
        button={isOn ? "Switch off" : "Switch on"}
        about={endpoint.url}
      />
    ),
  ];
}

function AddForm({ ctx }: { ctx: Ctx }) {
  return (
    <section aria-labelledby="add">
      <h2 id="add">Add an endpoint</h2>
      <ActionForm
        action="/webhooks"
        button="Add"
        command="fed webhooks add <url> --format … --types … --description …"
      >
        <OnceField />
        <Field label="URL" name="url" type="url" required />
        <Choice label="Format (Slack also for Mattermost)" name="format" options={["standard", "slack"]} />
        <Field label="Description" name="description" />
        {ctx.caller.departmentId === undefined ? (
          <Field label="Department (empty: all)" name="department_id" />
        ) : null}
        <fieldset>
          <legend>Types (none: all)</legend>
          {eventTypes.map((type) => (
            <label class="check">
              <input type="checkbox" name="types" value={type} /> {type}
            </label>
          ))}
        </fieldset>
      </ActionForm>
    </section>
  );
}
