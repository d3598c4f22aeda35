-- What /metrics needs that nothing kept: who may read it, and how often a run was taken from a dead worker.
set local role federation_owner;

-- Claims of a run whose holder had not handed it back.
alter table federation.run add column takeovers integer not null default 0 check (takeovers >= 0);

-- A scope that came later: keys of the platform's people that held everything of before hold it too.
update federation.api_client c set scopes = c.scopes || array['metrics:read']
from federation.member m
where m.id = c.member_id and c.status <> 'revoked' and not c.scopes @> array['metrics:read']
  and ((m.role in ('admin', 'operator') and c.scopes @> array['departments:read', 'departments:write', 'runs:write',
      'grants:write', 'keys:write', 'limits:write', 'approvals:write', 'webhooks:write', 'oauth:write', 'sessions:write'])
    or (m.role = 'auditor' and c.scopes @> array['departments:read', 'audit:read']));
