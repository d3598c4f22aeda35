import type { Json, JsonObject } from "../../json.ts";
import type { EventType } from "../emit.ts";
import { slackText } from "./slack-text.ts";

/** What a message is made of. */
export interface ToldEvent {
  type: string;
  /** ISO 8601. */
  timestamp: string;
  data: JsonObject;
  department: { slug: string; name: string } | null;
}

const titles: Record<EventType | "webhook.test", string> = {
  "department.provisioned": "Department is ready",
  "department.failed": "Department failed",
  "department.deprovisioned": "Department is gone",
  "department.degraded": "Department is degraded",
  "department.recovered": "Department is well again",
  "department.locked": "Department is locked",
  "department.unlocked": "Department is unlocked",
  "department.drifted": "Department is not as it should be",
  "department.in_sync": "Department is as it should be again",
  "credential.broken": "Google credential does not work",
  "credential.recovered": "Google credential works again",
  "grant.requested": "Somebody asks for a grant",
  "oauth_pool.low": "Few Google clients are left",
  "alert.fired": "Alert",
  "alert.resolved": "Resolved",
  "webhook.test": "A test: this endpoint works",
};
const isTitled = (type: string): type is keyof typeof titles => Object.hasOwn(titles, type);

/** A section of Slack holds 3000 letters, and escaping makes up to five of one. */
const lettersMax = { name: 60, severity: 20, detail: 500 };

/** Said elsewhere in the message. */
const saidApart = new Set([
  "summary",
  "name",
  "subject",
  "severity",
  "fired_at",
  "alert_id",
  "department_id",
]);

/** The body for an incoming webhook of Slack, or of what understands the same, such as Mattermost. Pure. */
export function slackMessage(event: ToldEvent, consoleUrl: string): JsonObject {
  const head = [headOf(event), slackText(detailOf(event.data), lettersMax.detail)]
    .filter((line) => line !== "")
    .join("\n");
  const foot = `${placeOf(event)} · ${timeOf(event)} · <${linkOf(event, consoleUrl)}|open the console>`;
  return {
    text: `${head}\n${foot}`,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: head } },
      { type: "context", elements: [{ type: "mrkdwn", text: foot }] },
    ],
  };
}

function headOf({ type, data }: ToldEvent): string {
  const title = isTitled(type) ? titles[type] : slackText(type);
  const { name, severity } = data;
  return typeof name === "string" && type.startsWith("alert.")
    ? `*${title}: ${slackText(name, lettersMax.name)}*${typeof severity === "string" ? ` (${slackText(severity, lettersMax.severity)})` : ""}`
    : `*${title}*`;
}

function detailOf(data: JsonObject): string {
  const { summary } = data;
  if (typeof summary === "string") return summary;
  return Object.entries(data)
    .filter(([key]) => !saidApart.has(key))
    .flatMap(([key, value]) => (isPlain(value) ? [`${key.replaceAll("_", " ")}: ${value}`] : []))
    .join(", ");
}

const isPlain = (value: Json): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every((part) => !Array.isArray(part) && isPlain(part))
    : value !== null && typeof value !== "object" && value !== "";

const placeOf = ({ department }: ToldEvent) =>
  department ? `${slackText(department.name)} (${slackText(department.slug)})` : "the whole platform";

const linkOf = ({ department }: ToldEvent, consoleUrl: string) =>
  new URL(department ? `/departments/${encodeURIComponent(department.slug)}` : "/", consoleUrl).href;

function timeOf({ type, timestamp, data }: ToldEvent): string {
  const { fired_at: firedAt } = data;
  if (type === "alert.resolved" && typeof firedAt === "string")
    return `from ${minuteOf(firedAt)} to ${minuteOf(timestamp)}`;
  return type === "alert.fired" ? `since ${minuteOf(timestamp)}` : minuteOf(timestamp);
}

const minuteOf = (iso: string) => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
};
