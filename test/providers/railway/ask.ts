import type { FakeRailway } from "../../fakes/railway/start-fake-railway.ts";

interface RailwayError {
  message: string;
  locations: unknown[];
  path: (string | number)[];
  extensions: { code: string };
  traceId: string;
}

export interface Answered<Data> {
  status: number;
  headers: Headers;
  data: Data;
  errors: RailwayError[] | undefined;
  body: Record<string, unknown>;
}

/** Plain requests to a Railway, of the account unless other headers are given. */
export function askerOf(
  fake: FakeRailway,
  headers: Record<string, string> = bearer(fake.controls.accountToken),
) {
  return async function ask<Data = unknown>(
    query: string,
    variables: Record<string, unknown> = {},
    url = `${fake.url}?source=test`,
  ): Promise<Answered<Data>> {
    const res = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const text = await res.text();
    const isJson = res.headers.get("content-type")?.startsWith("application/json");
    const body = isJson ? JSON.parse(text) : { text };
    return { status: res.status, headers: res.headers, data: body.data, errors: body.errors, body };
  };
}

export type Ask = ReturnType<typeof askerOf>;

/** Of its first error. */
export const messageOf = async (answer: Promise<Pick<Answered<unknown>, "errors">>) =>
  (await answer).errors?.[0]?.message;

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What a department is made of, request by request. */
export function makerOf(fake: FakeRailway, ask: Ask = askerOf(fake)) {
  async function project(name: string, workspaceId = fake.controls.workspaces[0]?.id) {
    const { data, errors } = await ask<{ projectCreate: { id: string; baseEnvironmentId: string } }>(
      "mutation($input: ProjectCreateInput!) { projectCreate(input: $input) { id baseEnvironmentId } }",
      { input: { name, workspaceId } },
    );
    if (errors) throw new Error(errors[0]?.message);
    // The next one may come at once.
    fake.controls.advance(30);
    return { id: data.projectCreate.id, environmentId: data.projectCreate.baseEnvironmentId };
  }

  /** A service that runs nothing yet, and where it is. */
  async function service(settings: Record<string, unknown> = {}, name = "agent") {
    const { id: projectId, environmentId } = await project(`of ${name}`);
    const { data } = await ask<{ serviceCreate: { id: string } }>(
      "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }",
      { input: { projectId, name } },
    );
    const place = { serviceId: data.serviceCreate.id, environmentId };
    await configure(place, settings);
    return { projectId, ...place };
  }

  const configure = ({ serviceId, environmentId }: Place, input: Record<string, unknown>) =>
    ask(
      `mutation($serviceId: String!, $environmentId: String!, $input: ServiceInstanceUpdateInput!) {
        serviceInstanceUpdate(serviceId: $serviceId, environmentId: $environmentId, input: $input)
      }`,
      { serviceId, environmentId, input },
    );

  /** The id of the new deployment. */
  async function deploy({ serviceId, environmentId }: Place): Promise<string> {
    const { data, errors } = await ask<{ serviceInstanceDeployV2: string }>(
      `mutation($serviceId: String!, $environmentId: String!) {
        serviceInstanceDeployV2(serviceId: $serviceId, environmentId: $environmentId)
      }`,
      { serviceId, environmentId },
    );
    if (errors) throw new Error(errors[0]?.message);
    return data.serviceInstanceDeployV2;
  }

  return { project, service, configure, deploy };
}

interface Place {
  serviceId: string;
  environmentId: string;
}
