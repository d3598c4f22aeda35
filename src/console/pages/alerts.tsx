import type { AlertView } from "../../alerts/alert-view.ts";
import { listAlerts } from "../../alerts/list.ts";
import { Command } from "../components/command.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

/** What is wrong now, then what was, each the newest first. */
export const alertsPage: ConsolePage = {
  path: "/alerts",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const newestFirst = true;
    const [firing, ended] = await Promise.all([
      listAlerts(ctx, { status: "firing", limit: 100, newestFirst }),
      listAlerts(ctx, { status: "resolved", limit: 50, cursor, newestFirst }),
    ]);
    const body = (
      <>
        <Table
          caption={firing.next_cursor === null ? "Wrong now" : "Wrong now, the newest 100"}
          head={["Alert", "Severity", "Of", "Since", "Summary"]}
          empty="Nothing is wrong."
          rows={firing.items.map((alert) => [...headOf(alert), <Time at={alert.fired_at} />, alert.summary])}
        />
        <h2>Ended</h2>
        <Table
          caption="Over, newest first"
          head={["Alert", "Severity", "Of", "Since", "Until", "Summary"]}
          empty="None has ended yet."
          rows={ended.items.map((alert) => [
            ...headOf(alert),
            <Time at={alert.fired_at} />,
            <Time at={alert.resolved_at} />,
            alert.summary,
          ])}
        />
        <NextPage path="/alerts" query={fields} cursor={ended.next_cursor} />
        <Command>fed alerts --all</Command>
      </>
    );
    return { title: "Alerts", body };
  },
};

function headOf({ name, severity, department_id, subject, status }: AlertView) {
  const isFiring = status === "firing";
  return [
    <strong>{name.replaceAll("_", " ")}</strong>,
    isFiring ? <Status of={severity} /> : severity,
    department_id === null ? (
      <Subject name={name} subject={subject} />
    ) : (
      <a href={`/departments/${department_id}`}>{department_id}</a>
    ),
  ];
}

function Subject({ name, subject }: { name: string; subject: string }) {
  if (name === "rollout_stopped") return <a href={`/rollouts/${subject}`}>a rollout</a>;
  return subject === "" ? "the platform" : <code>{subject}</code>;
}
