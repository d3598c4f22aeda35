import { createTypedClient } from "../src/client/typed-client.ts";

type Api = ReturnType<typeof createTypedClient>["api"]["v1"];

const everyMs = 500;
const waitMsMax = 5 * 60_000;

/** Makes a department, waits for it, shows it and asks it something; the compiler checks every path, body and answer. */
export async function provisionAndAsk(url: string, key: string) {
  const { v1 } = createTypedClient(url, key).api;
  await untilOver(v1, await provision(v1));
  const shown = await v1.departments[":id"].$get({ param: { id: "typed" } });
  const department = await shown.json();
  const answer = await ask(createTypedClient(url, await mintKey(v1)).api.v1);
  return { department, answer };
}

async function provision(v1: Api): Promise<string> {
  const ordered = await v1["provision-department"].$post({
    query: {},
    json: {
      department_id: "typed",
      department_name: "Typed",
      enabled_tools: ["database"],
      admin_email: "typed@example.org",
    },
  });
  // 200 is the plan of a dry run.
  if (ordered.status !== 202) throw new Error(`The order was answered with ${ordered.status}.`);
  return (await ordered.json()).provisioning_id;
}

async function untilOver(v1: Api, id: string): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  for (;;) {
    const progress = await (await v1["provision-status"][":id"].$get({ param: { id } })).json();
    if (progress.run_status === "succeeded") return;
    if (["failed", "rolled_back", "cancelled"].includes(progress.run_status))
      throw new Error(progress.error?.message ?? progress.run_status);
    if (Date.now() > deadline) throw new Error(`The run ${id} is not over in time.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Only who belongs to a department may ask, so the department gets a key of its own. */
async function mintKey(v1: Api): Promise<string> {
  const minted = await v1["api-keys"].$post({
    json: { name: "typed", department_id: "typed", scopes: ["query"], expires_in_days: 1 },
  });
  if (!minted.ok) throw new Error(`The key was refused with ${minted.status}.`);
  return (await minted.json()).key;
}

async function ask(v1: Api) {
  const answered = await v1["cross-dept"].query.$post({
    json: {
      target_department_id: "typed",
      query_type: "search_documents",
      query_params: { query: "policy" },
      reason: "to see that it answers",
    },
  });
  if (!answered.ok) throw new Error(`The question was refused with ${answered.status}.`);
  return answered.json();
}

// bun examples/typed-client.ts <url> < file-with-the-key: a command line is no place for one.
if (import.meta.main) {
  const [url = "http://127.0.0.1:3000"] = process.argv.slice(2);
  console.log(await provisionAndAsk(url, (await Bun.stdin.text()).trim()));
}
