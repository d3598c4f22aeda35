-- What asked for a run, as a W3C traceparent: what is done for it days later hangs below that.
set local role federation_owner;

alter table federation.run add column trace_parent text
  check (trace_parent ~ '^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$');
