export interface Answer {
  status: number;
  /** An object is sent as JSON, a text as it is. */
  body: object | string;
  headers?: Record<string, string>;
}

export const ok = (body: object): Answer => ({ status: 200, body });
export const refuse = (status: number, message: string): Answer => ({ status, body: { message } });

export type Version = "2.41" | "2.8";

export interface ApiCall {
  method: string;
  /** Below /api/v1, without the slash at the beginning. */
  path: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
}
