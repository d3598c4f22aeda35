import type { AlertSnapshot } from "./snapshot.ts";

/** Something that is wrong by a rule. */
export interface Finding {
  /** With whom; left out = the platform. */
  subject?: string;
  departmentId?: string | undefined;
  severity: "warning" | "critical";
  /** The figure, the threshold and what to do, in one line of at most 500 characters. */
  summary: string;
}

/** A pure look at a snapshot. An alert is known by the rule's name and the finding's subject. */
export interface AlertRule {
  name: string;
  find(snapshot: AlertSnapshot): Finding[];
}
