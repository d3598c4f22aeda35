// Everything works without this but what changes while one looks at it.
const live = document.querySelector("[data-events]");
if (live) follow(live.dataset.events);
const region = document.querySelector("[data-refresh]");
if (region) void refresh(region);

/** Reads the page again while its region lasts; who has the focus in it is not disturbed. */
async function refresh(region) {
  while (region.dataset.refresh) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    if (document.hidden || region.contains(document.activeElement)) continue;
    const headers = { "federation-refresh": "1" };
    const reply = await fetch(region.dataset.from ?? location.href, { headers }).catch(() => undefined);
    if (!reply?.ok) continue;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const next = page.getElementById(region.id);
    if (next?.dataset.refresh !== region.dataset.refresh) return location.reload();
    region.replaceWith(next);
    region = next;
  }
}

function follow(path) {
  const events = new EventSource(path);
  const show = (message) => showRun(JSON.parse(message.data));
  events.addEventListener("step", (message) => showStep(JSON.parse(message.data)));
  events.addEventListener("status", show);
  events.addEventListener("done", (message) => {
    events.close();
    show(message);
    location.reload();
  });
}

function showRun(run) {
  setStatus("run-status", run.run_status);
  const left = document.getElementById("eta");
  if (left) left.textContent = run.eta_seconds === null ? "" : `about ${Math.ceil(run.eta_seconds)} s left`;
  setPercent(run.percent);
  for (const step of run.steps) showStep(step);
}

function showStep(step) {
  setStatus(`step-${step.name}`, step.status);
  const time = document.getElementById(`time-${step.name}`);
  if (time && step.duration_ms !== null) time.textContent = `${(step.duration_ms / 1000).toFixed(1)} s`;
  const note = document.getElementById(`note-${step.name}`);
  if (note) note.textContent = step.error ? step.error.message : (step.waits_for ?? step.reason ?? "");
  if (step.percent !== undefined) setPercent(step.percent);
}

function setPercent(percent) {
  const bar = document.getElementById("percent");
  if (bar) bar.value = percent;
}

function setStatus(id, state) {
  const badge = document.getElementById(id);
  if (!badge) return;
  badge.textContent = state.replaceAll("_", " ");
  badge.className = `status ${kindOf(state)}`;
}

function kindOf(state) {
  if (["done", "succeeded"].includes(state)) return "good";
  if (["failed", "rolled_back"].includes(state)) return "bad";
  return ["skipped", "undone", "cancelled"].includes(state) ? "quiet" : "busy";
}
