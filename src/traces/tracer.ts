/** What a span says beside its name and times: ids, names and numbers; never a secret, a query or a body. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanWish {
  kind: "server" | "client" | "internal";
  /** W3C traceparent to hang the span below, in place of the span this runs under; malformed or null: a trace of its own. */
  parent?: string | null | undefined;
  attributes?: Attributes;
}

export interface Span {
  /** W3C traceparent that names this span as the parent; undefined where nothing is traced. */
  readonly traceparent: string | undefined;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** `why` is a code, such as `step_timeout` or `http_500`; never an error's own text. */
  fail(why: string): void;
}

/** Where spans go. Nothing here throws, waits or changes what the work answers. */
export interface Tracer {
  /** Does the work under a new span, which ends with it; what it throws is thrown on. */
  span<T>(name: string, wish: SpanWish, work: (span: Span) => Promise<T>): Promise<T>;
  /** The span that this code runs under. */
  current(): { traceId: string; traceparent: string } | undefined;
  /** Sends what is left, for at most two seconds. */
  close(): Promise<void>;
  /** Spans that no collector got; absent where nothing is traced. */
  dropped?(): number;
}

const noSpan: Span = { traceparent: undefined, rename: () => {}, set: () => {}, fail: () => {} };

/** Traces nothing. */
export const noTracer: Tracer = {
  span: (_name, _wish, work) => work(noSpan),
  current: () => undefined,
  close: () => Promise.resolve(),
};
