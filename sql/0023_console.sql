-- Who is signed in to the console. The cookie's token is stored as its hash; the form token is made of the same token.
set local role federation_owner;

create table federation.console_session (
  token_hash bytea primary key check (length(token_hash) = 32),
  member_id uuid not null references federation.member on delete cascade,
  -- The key it was made with, whose scopes it has and with which it ends; null after a sign-in by OpenID.
  client_id uuid references federation.api_client on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  check (expires_at > created_at and expires_at <= created_at + interval '12 hours')
);
create index console_session_member on federation.console_session (member_id);
create index console_session_client on federation.console_session (client_id);
create index console_session_over on federation.console_session (expires_at);
grant select, insert, update, delete on federation.console_session to federation_app;

-- A lockdown ends the sessions of the department's people with everything else of theirs.
create function federation.end_locked_sessions() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  delete from federation.console_session s using federation.member m
  where m.id = s.member_id and m.department_id = new.id;
  return null;
end $$;
revoke all on function federation.end_locked_sessions() from public;
create trigger end_locked_sessions after update of locked_at on federation.department
  for each row when (new.locked_at is not null) execute function federation.end_locked_sessions();
