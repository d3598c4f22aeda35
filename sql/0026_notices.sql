-- Rules that raise alerts by themselves, and endpoints that are told in Slack's words.
set local role federation_owner;

-- When the rules were looked at last: whoever moves it on is the one worker of that turn.
create table federation.alert_turn (
  one boolean primary key default true check (one),
  at timestamptz not null
);
insert into federation.alert_turn (at) values ('-infinity');

-- How often in a row a rule found the same of the same thing; a row goes when it was clear often enough.
create table federation.alert_streak (
  name text not null,
  subject text not null,
  is_bad boolean not null,
  streak integer not null check (streak > 0),
  primary key (name, subject)
);

-- What the last verification of the whole audit found.
create table federation.audit_verification (
  one boolean primary key default true check (one),
  at timestamptz not null,
  ok boolean not null,
  problems integer not null check (problems >= 0),
  check (ok = (problems = 0))
);
grant select, insert, update, delete on federation.alert_turn, federation.alert_streak, federation.audit_verification
  to federation_app;

-- The share of refreshes that failed is asked for each minute.
create index event_refresh on audit.event (at_us) where action = 'credential.refresh';

-- Since when a provider keeps us out; blocks that follow each other within two minutes are one.
alter table federation.call_budget add column blocked_since timestamptz;

-- The URL of an incoming webhook of Slack is a secret: sealed, and `url` is what may be shown of it.
alter table federation.webhook_endpoint
  add column format text not null default 'standard' check (format in ('standard', 'slack')),
  add column url_sealed text,
  add constraint webhook_endpoint_url_sealed_check check ((format = 'slack') = (url_sealed is not null)),
  add constraint webhook_endpoint_callback_check check (kind = 'endpoint' or format = 'standard');
create index webhook_endpoint_url_sealed_key on federation.webhook_endpoint (split_part(url_sealed, '.', 3), id);
create trigger url_sealed_key before insert or update of url_sealed on federation.webhook_endpoint
  for each row execute function federation.guard_sealed('url_sealed');
