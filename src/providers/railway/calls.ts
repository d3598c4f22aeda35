import type { RailwayRequest } from "./create-request.ts";

/** How the client's methods ask, each with the token of its call. */
export interface Calls {
  request<T>(request: RailwayRequest<T>): Promise<T>;
  /** Undefined where there is none, which the token is asked about once more. */
  find<T>(request: RailwayRequest<T>): Promise<T | undefined>;
}
