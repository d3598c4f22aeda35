-- One department: its tables and who may touch them. Placeholders are replaced by generated, checked names only.
create schema {{schema}};

-- A conversation with the voice assistant.
create table {{schema}}.session (
  id uuid primary key,
  room text not null check (length(room) between 1 and 200),
  participant text not null check (length(participant) between 1 and 200),
  channel text not null default 'voice' check (channel in ('voice', 'text', 'phone')),
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  end_reason text,
  check (ended_at is null or ended_at >= started_at)
);
create index session_started on {{schema}}.session (started_at);

create table {{schema}}.message (
  id uuid primary key,
  session_id uuid not null references {{schema}}.session on delete cascade,
  role text not null check (role in ('user', 'assistant', 'system', 'tool')),
  text text not null check (length(text) <= 100000),
  tokens integer check (tokens >= 0),
  latency_ms integer check (latency_ms >= 0),
  created_at timestamptz not null default clock_timestamp()
);
create index message_session on {{schema}}.message (session_id, created_at);
create index message_created on {{schema}}.message (created_at);

create table {{schema}}.tool_call (
  call_id text primary key check (length(call_id) between 1 and 200),
  session_id uuid references {{schema}}.session on delete cascade,
  tool text not null check (tool ~ '^[a-z][a-z0-9_-]{0,62}$'),
  parameters jsonb not null default '{}',
  status text not null check (status in ('EXECUTING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  result jsonb,
  error text,
  voice_response text,
  duration_ms integer check (duration_ms >= 0),
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  check ((status = 'EXECUTING') = (finished_at is null)),
  check ((status = 'FAILED') = (error is not null))
);
create index tool_call_session on {{schema}}.tool_call (session_id);
create index tool_call_created on {{schema}}.tool_call (created_at);

-- What the assistant keeps in mind for a while; expires_at is null for as long as the session lives.
create table {{schema}}.session_context (
  session_id uuid not null references {{schema}}.session on delete cascade,
  type text not null check (length(type) between 1 and 100),
  key text not null check (length(key) between 1 and 200),
  value jsonb not null,
  expires_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (session_id, type, key)
);

create table {{schema}}.memory (
  id uuid primary key,
  category text not null check (length(category) between 1 and 100),
  content text not null check (length(content) between 1 and 20000),
  importance smallint not null default 5 check (importance between 1 and 10),
  session_id uuid references {{schema}}.session on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  search tsvector not null generated always as (to_tsvector('simple', content)) stored
);
create index memory_search on {{schema}}.memory using gin (search);
create index memory_session on {{schema}}.memory (session_id);

-- A tsvector ends at 1 MB: only the first 200,000 characters are searched, so that no text makes the insert fail.
create table {{schema}}.document (
  id uuid primary key,
  source text not null,
  external_id text not null,
  folder text not null default '',
  name text not null check (length(name) between 1 and 500),
  mime_type text not null default 'text/plain',
  bytes bigint not null default 0 check (bytes >= 0),
  url text,
  text text not null default '' check (length(text) <= 5000000),
  analysis jsonb not null default '{}',
  extraction text not null default 'done' check (extraction in ('pending', 'done', 'failed', 'unsupported')),
  extraction_error text,
  access_count bigint not null default 0,
  modified_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', left(text, 200000)), 'D')) stored,
  unique (source, external_id),
  check (length(source) between 1 and 100 and length(external_id) between 1 and 500),
  check ((extraction = 'failed') = (extraction_error is not null))
);
create index document_search on {{schema}}.document using gin (search);

create table {{schema}}.contact (
  id uuid primary key,
  source text not null,
  external_id text not null,
  name text not null check (length(name) between 1 and 300),
  email text check (length(email) <= 320),
  phone text check (length(phone) <= 60),
  organisation text check (length(organisation) <= 500),
  title text check (length(title) <= 500),
  address text,
  notes text check (length(notes) <= 20000),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', name), 'A')
    || setweight(to_tsvector('simple', coalesce(email, '') || ' ' || coalesce(organisation, '') || ' ' || coalesce(title, '')), 'B')
  ) stored,
  unique (source, external_id),
  check (length(source) between 1 and 100 and length(external_id) between 1 and 500)
);
create index contact_search on {{schema}}.contact using gin (search);
create index contact_email on {{schema}}.contact (lower(email));

create table {{schema}}.email (
  id uuid primary key,
  source text not null,
  external_id text not null,
  thread_id text,
  sender text not null check (length(sender) <= 320),
  recipients text[] not null default '{}',
  subject text not null default '' check (length(subject) <= 2000),
  text text not null default '' check (length(text) <= 2000000),
  sent_at timestamptz not null,
  labels text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', subject), 'A') || setweight(to_tsvector('simple', sender), 'B')
    || setweight(to_tsvector('simple', left(text, 200000)), 'D')) stored,
  unique (source, external_id),
  check (length(source) between 1 and 100 and length(external_id) between 1 and 500)
);
create index email_search on {{schema}}.email using gin (search);
create index email_sent on {{schema}}.email (sent_at);

create table {{schema}}.calendar_event (
  id uuid primary key,
  source text not null,
  external_id text not null,
  title text not null check (length(title) between 1 and 1000),
  description text check (length(description) <= 100000),
  location text,
  organiser text,
  attendees text[] not null default '{}',
  status text not null default 'confirmed' check (status in ('confirmed', 'tentative', 'cancelled')),
  all_day boolean not null default false,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (source, external_id),
  check (length(source) between 1 and 100 and length(external_id) between 1 and 500),
  check (ends_at >= starts_at)
);
create index calendar_event_start on {{schema}}.calendar_event (starts_at, id);

-- Bytes live with the artifacts; here is where to find them and what they must hash to.
create table {{schema}}.file (
  id uuid primary key,
  source text not null,
  external_id text not null,
  document_id uuid references {{schema}}.document on delete set null,
  name text not null check (length(name) between 1 and 500),
  mime_type text not null default 'application/octet-stream',
  bytes bigint not null check (bytes >= 0),
  sha256 bytea check (length(sha256) = 32),
  location text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (source, external_id),
  check (length(source) between 1 and 100 and length(external_id) between 1 and 500)
);
create index file_document on {{schema}}.file (document_id);

-- The department's own notes on what was done for it; its role can add and read, never change.
create table {{schema}}.local_audit (
  id uuid primary key,
  session_id uuid,
  actor text not null,
  action text not null check (action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  target text,
  detail jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp()
);

-- Policies before grants. `roles` binds everybody, `sealed` asks the department's role for its own login or a seal.
-- pg_depend knows the schema's tables by an index; pg_class, as `all tables in schema`, would be read from end to end.
do $$
declare
  place constant name := '{{schema}}';
  own constant name := '{{role}}';
  entry name;
begin
  for entry in select c.relname from pg_depend d join pg_class c on c.oid = d.objid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = place::regnamespace
      and d.classid = 'pg_class'::regclass and c.relkind = 'r' order by c.relname
  loop
    execute format('
      alter table %1$I.%2$I enable row level security, force row level security;
      create policy roles on %1$I.%2$I as restrictive to public
        using (gateway.role_in(%3$L, ''federation_reader''));
      create policy sealed on %1$I.%2$I as restrictive to %3$I
        using (session_user = %3$L or (select gateway.owns(%4$L)));
      create policy own on %1$I.%2$I to %3$I using (true) with check (true);
      create policy reader on %1$I.%2$I for select to federation_reader using (true)',
      place, entry, own, '{{department_id}}');
  end loop;
end $$;
-- The reader sees what the named queries read, nothing else.
grant select on {{schema}}.session, {{schema}}.message, {{schema}}.tool_call, {{schema}}.document, {{schema}}.contact,
  {{schema}}.email, {{schema}}.calendar_event to federation_reader;
grant select, insert, update, delete on {{schema}}.session, {{schema}}.message, {{schema}}.tool_call,
  {{schema}}.session_context, {{schema}}.memory, {{schema}}.document, {{schema}}.contact, {{schema}}.email,
  {{schema}}.calendar_event, {{schema}}.file to {{role}};
grant select, insert on {{schema}}.local_audit to {{role}};
grant usage on schema {{schema}} to {{role}}, federation_reader;
