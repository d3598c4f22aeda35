/** Bodies of the platform's PUT …/sessions, …/messages and …/tool-calls; times are ISO 8601. */
export interface SessionRecord {
  id: string;
  room: string;
  participant: string;
  channel: "voice";
  started_at: string;
  ended_at?: string;
  end_reason?: string;
}

export interface MessageRecord {
  id: string;
  session_id: string;
  role: "user" | "assistant" | "system" | "tool";
  text: string;
  latency_ms?: number;
  created_at: string;
}

export interface ToolCallRecord {
  call_id: string;
  session_id: string;
  /** `^[a-z][a-z0-9_-]{0,62}$` */
  tool: string;
  parameters: Record<string, unknown>;
  status: "EXECUTING" | "COMPLETED" | "FAILED" | "CANCELLED";
  result?: unknown;
  error?: string;
  duration_ms?: number;
}
