/** One line of the health report. */
export interface Check {
  ok: boolean;
  detail: string;
}
