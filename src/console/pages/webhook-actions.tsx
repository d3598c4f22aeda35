import { isUuid } from "../../uuid.ts";
import { changeEndpoint } from "../../webhooks/endpoints/change.ts";
import { createEndpoint } from "../../webhooks/endpoints/create.ts";
import { endpointChange, endpointInput } from "../../webhooks/endpoints/endpoint.ts";
import { redeliver } from "../../webhooks/endpoints/redeliver.ts";
import { removeEndpoint } from "../../webhooks/endpoints/remove.ts";
import { sendTest } from "../../webhooks/endpoints/send-test.ts";
import { showEndpoint } from "../../webhooks/endpoints/show.ts";
import { fed } from "../parts/fed.ts";
import { type Asked, type ConsoleAction, idOf, type PageAccess, readFields } from "../parts/page.ts";

const access: PageAccess = { callers: "own", scope: "webhooks:write" };

export const webhookActions: ConsoleAction[] = [
  {
    path: "/webhooks",
    access,
    secretShownOnce: "/webhooks",
    async act(ctx, { fields, form }) {
      const { url, description, department_id, format } = fields;
      const given = { url, description, department_id, format, types: form.getAll("types") };
      const endpoint = await createEndpoint(ctx, readFields(endpointInput, given));
      if (endpoint.secret === null)
        return { message: "The endpoint is added.", location: `/webhooks/${endpoint.id}` };
      const body = (
        <>
          <p role="status">The secret that signs what we send. This is the only time it is shown:</p>
          <pre tabindex={0} aria-label="The new secret">
            {endpoint.secret}
          </pre>
          <p>
            <a href={`/webhooks/${endpoint.id}`}>To the endpoint</a>
          </p>
        </>
      );
      return { title: "A new endpoint", body };
    },
  },
  switching("on"),
  switching("off"),
  {
    path: "/webhooks/:id/test",
    access,
    async act(ctx, asked) {
      const id = idOf(asked);
      await sendTest(ctx, id);
      return { message: "A test is on its way.", location: `/webhooks/${id}` };
    },
  },
  {
    path: "/webhooks/:id/remove",
    access,
    question: ({ id }) => ({
      title: "Remove this endpoint?",
      text: "Its secrets and the record of its deliveries go with it.",
      button: "Yes, remove it",
      command: fed("webhooks", "remove", id),
    }),
    async act(ctx, asked) {
      await removeEndpoint(ctx, idOf(asked));
      return { message: "The endpoint is removed.", location: "/webhooks" };
    },
  },
  {
    path: "/webhook-deliveries/:id/redeliver",
    access,
    async act(ctx, asked) {
      await redeliver(ctx, idOf(asked));
      const endpoint = asked.fields["endpoint"] ?? "";
      return {
        message: "It is sent again.",
        location: isUuid(endpoint) ? `/webhooks/${endpoint}` : "/webhooks",
      };
    },
  },
];

function switching(to: "on" | "off"): ConsoleAction {
  return {
    path: `/webhooks/:id/${to}`,
    access,
    ...(to === "off" && {
      question: ({ id }: Asked) => ({
        title: "Switch this endpoint off?",
        text: "What still waits for it fails, and nothing new is sent until it is switched on.",
        button: "Yes, switch it off",
        command: `PUT /api/v1/webhook-endpoints/${id}`,
      }),
    }),
    async act(ctx, asked) {
      const id = idOf(asked);
      const { url, types, description } = await showEndpoint(ctx, id);
      const status = to === "on" ? "active" : "off";
      await changeEndpoint(ctx, id, readFields(endpointChange, { url, types, description, status }));
      return { message: `The endpoint is ${to}.`, location: "/webhooks" };
    },
  };
}
