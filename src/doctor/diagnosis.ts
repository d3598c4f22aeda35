/** One thing that was looked at; `what` and `remedy` are for who runs the installation. */
export interface Diagnosis {
  level: "ok" | "warning" | "error";
  what: string;
  remedy?: string;
}
