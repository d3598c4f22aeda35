-- The trail's proof outside the database: checkpoints over all heads, signed by a key of their own; and its end: months
-- older than two years leave after a verified export, and what comes after goes on from their last hashes.
set local role federation_owner;

-- Public halves stay for ever, so that old checkpoints stay verifiable; a retired key cannot sign any more.
create table federation.audit_key (
  key_id text primary key check (key_id ~ '^[A-Za-z0-9_-]{1,64}$'),
  public_key text not null check (length(public_key) = 43),
  private_sealed text,
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  check ((retired_at is null) = (private_sealed is not null))
);
create unique index audit_key_one_active on federation.audit_key ((true)) where retired_at is null;
create index audit_key_private_sealed_key on federation.audit_key (split_part(private_sealed, '.', 3), key_id);
create trigger private_sealed_key before insert or update of private_sealed on federation.audit_key
  for each row execute function federation.guard_sealed('private_sealed');
grant select, insert, update on federation.audit_key to federation_app;

drop table audit.checkpoint;
create table audit.checkpoint (
  n bigint primary key check (n > 0),
  at_us bigint not null,
  previous bytea not null,
  size bigint not null,
  root bytea not null,
  key_id text not null,
  signature bytea not null,
  -- Of the checkpoint's file: what the next one names as its previous.
  file_hash bytea not null,
  recorded_at timestamptz not null default clock_timestamp()
);
-- The heads as the last checkpoint knows them.
create table audit.sealed_head (
  stream uuid primary key,
  seq bigint not null,
  at_us bigint not null,
  hash bytea not null
) with (fillfactor = 20);
-- The last row of each stream that retention removed: chains go on from here.
create table audit.anchor (
  stream uuid primary key,
  seq bigint not null,
  hash bytea not null
);
create table audit.retired_month (
  month text primary key check (month ~ '^[0-9]{6}$'),
  location text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  events bigint not null,
  verified_at timestamptz not null default clock_timestamp(),
  dropped_at timestamptz
);

-- What people search by; times only grow, so it costs little.
create index event_at on audit.event (at_us);

create trigger append_only before update or delete on audit.checkpoint for each row execute function audit.refuse();
create trigger no_truncate before truncate on audit.checkpoint for each statement execute function audit.refuse();

-- Notes a checkpoint that lies in the anchor already, the next one only: {n, at_us, previous, size, root, key_id, signature,
-- file_hash} in hex, heads [[stream, seq, at_us, hash]]. Answers whether it was new. What lies outside decides, also when it
-- sets a head back: a restored backup is behind, and goes on from there.
create function audit.record_checkpoint(checkpoint jsonb, heads jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  number constant bigint := (checkpoint ->> 'n')::bigint;
  before audit.checkpoint;
begin
  lock table audit.checkpoint in share row exclusive mode;
  select * into before from audit.checkpoint c order by c.n desc limit 1;
  if before.n >= number then return false; end if;
  if number is distinct from coalesce(before.n, 0) + 1
    or decode(checkpoint ->> 'previous', 'hex') is distinct from coalesce(before.file_hash, sha256('')) then
    raise exception 'the checkpoint does not follow the last one' using errcode = '23514';
  end if;
  insert into audit.checkpoint (n, at_us, previous, size, root, key_id, signature, file_hash)
  values (number, (checkpoint ->> 'at_us')::bigint, decode(checkpoint ->> 'previous', 'hex'),
    (checkpoint ->> 'size')::bigint, decode(checkpoint ->> 'root', 'hex'), checkpoint ->> 'key_id',
    decode(checkpoint ->> 'signature', 'hex'), decode(checkpoint ->> 'file_hash', 'hex'));
  insert into audit.sealed_head as s (stream, seq, at_us, hash)
  select (h ->> 0)::uuid, (h ->> 1)::bigint, (h ->> 2)::bigint, decode(h ->> 3, 'hex') from jsonb_array_elements(heads) h
  order by 1
  on conflict (stream) do update set seq = excluded.seq, at_us = excluded.at_us, hash = excluded.hash;
  return true;
end $$;

create function audit.partition_of(month text) returns regclass
language sql stable set search_path = pg_catalog, pg_temp
return to_regclass('audit.event_' || case when month ~ '^[0-9]{6}$' then month end);

-- Notes that an export of the month was made and verified; until it is dropped a later one takes its place.
create function audit.note_export(in_month text, in_location text, in_sha256 text, in_events bigint) returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into audit.retired_month as r (month, location, sha256, events)
  values (in_month, in_location, in_sha256, in_events)
  on conflict (month) do update set location = excluded.location, sha256 = excluded.sha256, events = excluded.events,
    verified_at = clock_timestamp() where r.dropped_at is null;
end;

-- Drops a month that ended 24 months ago or earlier, by the server's clock, of which a verified export holds every row.
create function audit.drop_month(in_month text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  partition constant regclass := audit.partition_of(in_month);
  counted bigint;
begin
  if partition is null then return false; end if;
  if to_date(in_month, 'YYYYMM') + interval '25 months' > clock_timestamp() at time zone 'UTC' then
    raise exception 'audit events are kept for 24 months' using errcode = '42501';
  end if;
  if exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit.event'::regclass and c.relname < 'event_' || in_month)
  then raise exception 'an older month has to leave first' using errcode = '42501'; end if;
  execute format('lock table %s in share mode', partition);
  execute format('select count(*) from %s', partition) into counted;
  if not exists (select from audit.retired_month r where r.month = in_month and r.events = counted and r.dropped_at is null)
  then raise exception 'the month has no verified export' using errcode = '42501'; end if;
  execute format('insert into audit.anchor as a (stream, seq, hash)
    select distinct on (stream) stream, seq, hash from %s order by stream, seq desc
    on conflict (stream) do update set seq = excluded.seq, hash = excluded.hash where a.seq < excluded.seq', partition);
  execute format('alter table audit.event detach partition %s', partition);
  execute format('drop table %s', partition);
  update audit.retired_month set dropped_at = clock_timestamp() where month = in_month;
  return true;
end $$;

revoke all on function audit.record_checkpoint(jsonb, jsonb), audit.partition_of(text),
  audit.note_export(text, text, text, bigint), audit.drop_month(text) from public;
grant execute on function audit.record_checkpoint(jsonb, jsonb), audit.note_export(text, text, text, bigint),
  audit.drop_month(text) to federation_app;
grant select on audit.checkpoint, audit.sealed_head, audit.anchor, audit.retired_month to federation_app;
