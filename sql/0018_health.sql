-- When the last step of the ladder was taken, so that an agent has its time to come up before the next one.
set local role federation_owner;

alter table federation.department_health add column heal_at timestamptz;
