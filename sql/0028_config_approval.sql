-- Another definition of a department may need a second person, who sees what it changes.
set local role federation_owner;

alter table federation.approval
  drop constraint approval_action_check,
  add constraint approval_action_check
    check (action in ('deprovision', 'key-retire', 'wildcard-grant', 'config-change')),
  -- What differs and from which version, as it was when it was asked for; the trigger `guard` keeps it so.
  add column change jsonb check (jsonb_typeof(change) = 'object'),
  add constraint approval_change_shown check ((action = 'config-change') = (change is not null));
