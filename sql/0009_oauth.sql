-- Google's clients, what departments consented to, and the tokens that came of it. Tokens are sealed; what needs the
-- network is never done inside a transaction, so a credential says by itself who refreshes it and until when.
set local role federation_owner;

-- A client is made by hand at Google, so there is a pool of them and each department leases one. `project` is the Google
-- Cloud project: a revocation at Google ends all grants of an account in it.
create table federation.oauth_client (
  id uuid primary key,
  client_id text not null unique check (length(client_id) between 1 and 300),
  secret_sealed text,
  project text not null check (length(project) between 1 and 200),
  origin text not null check (origin in ('pool', 'own')),
  status text not null check (status in ('free', 'leased', 'cooling', 'retired')),
  department_id uuid references federation.department on delete restrict,
  leased_at timestamptz,
  cooling_until timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((status = 'retired') = (secret_sealed is null)),
  check ((status = 'leased') = (department_id is not null and leased_at is not null)),
  check ((status = 'cooling') = (cooling_until is not null)),
  check (origin = 'pool' or status in ('leased', 'retired'))
);
create unique index oauth_client_department on federation.oauth_client (department_id) where department_id is not null;
create index oauth_client_free on federation.oauth_client (created_at) where status = 'free';

create table federation.credential (
  id uuid primary key,
  department_id uuid not null references federation.department on delete cascade,
  service text not null check (service in ('google')),
  oauth_client_id uuid references federation.oauth_client on delete restrict,
  status text not null check (status in ('pending_consent', 'active', 'refreshing', 'needs_consent', 'revoked')),
  scopes_wanted text[] not null,
  scopes_granted text[] not null default '{}',
  -- The account at the provider: an opaque number, and its address sealed.
  subject text,
  account_sealed text,
  refresh_sealed text,
  access_sealed text,
  access_expires_at timestamptz,
  refresh_until timestamptz,
  next_refresh_at timestamptz,
  version integer not null default 1,
  failures integer not null default 0,
  failure_code text,
  consented_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  check ((status = 'refreshing') = (refresh_until is not null)),
  check (status not in ('active', 'refreshing') or (refresh_sealed is not null and subject is not null
    and consented_at is not null and oauth_client_id is not null)),
  check (status not in ('pending_consent', 'revoked') or coalesce(refresh_sealed, access_sealed) is null),
  check (status <> 'needs_consent' or failure_code is not null),
  check ((access_sealed is null) = (access_expires_at is null))
);
create unique index credential_living on federation.credential (department_id, service) where status <> 'revoked';
create index credential_client on federation.credential (oauth_client_id);
create index credential_department on federation.credential (department_id);
create index credential_expiry on federation.credential (access_expires_at) where status in ('active', 'refreshing');
create index credential_subject on federation.credential (subject) where status in ('active', 'refreshing');

-- One consent from its link to Google's answer; ticket and state are kept as hashes and count once each.
create table federation.oauth_consent (
  id uuid primary key,
  department_id uuid not null references federation.department on delete cascade,
  requested_by text not null,
  ticket_hash bytea not null unique check (length(ticket_hash) = 32),
  state_hash bytea unique check (length(state_hash) = 32),
  browser_hash bytea check (length(browser_hash) = 32),
  nonce text,
  verifier_sealed text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  opened_at timestamptz,
  used_at timestamptz,
  check ((opened_at is not null) = (state_hash is not null and browser_hash is not null and nonce is not null
    and verifier_sealed is not null)),
  check (used_at is null or opened_at is not null)
);
create index oauth_consent_department on federation.oauth_consent (department_id);
create index oauth_consent_expiry on federation.oauth_consent (expires_at);

grant select, insert, update on federation.oauth_client, federation.credential to federation_app;
grant select, insert, update, delete on federation.oauth_consent to federation_app;

create index oauth_client_secret_sealed_key on federation.oauth_client (split_part(secret_sealed, '.', 3), id);
create trigger secret_sealed_key before insert or update of secret_sealed on federation.oauth_client
  for each row execute function federation.guard_sealed('secret_sealed');
create index credential_account_sealed_key on federation.credential (split_part(account_sealed, '.', 3), id);
create trigger account_sealed_key before insert or update of account_sealed on federation.credential
  for each row execute function federation.guard_sealed('account_sealed', 'department_id');
create index credential_refresh_sealed_key on federation.credential (split_part(refresh_sealed, '.', 3), id);
create trigger refresh_sealed_key before insert or update of refresh_sealed on federation.credential
  for each row execute function federation.guard_sealed('refresh_sealed', 'department_id');
create index credential_access_sealed_key on federation.credential (split_part(access_sealed, '.', 3), id);
create trigger access_sealed_key before insert or update of access_sealed on federation.credential
  for each row execute function federation.guard_sealed('access_sealed', 'department_id');
create index oauth_consent_verifier_sealed_key on federation.oauth_consent (split_part(verifier_sealed, '.', 3), id);
create trigger verifier_sealed_key before insert or update of verifier_sealed on federation.oauth_consent
  for each row execute function federation.guard_sealed('verifier_sealed');
