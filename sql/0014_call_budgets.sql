-- Budgets of calls to providers that limit them: token buckets shared by all workers, with a line of who waits.
-- A department waits once per budget, so a busy one never has two places; who does not come back loses its place to the
-- next, not its turn: it is first again when it asks.
set local role federation_owner;

create table federation.call_budget (
  name text primary key check (length(name) between 1 and 200),
  tokens float8 not null,
  refilled_at timestamptz not null,
  -- The provider said so, by Retry-After or a cooldown of its own.
  blocked_until timestamptz
) with (fillfactor = 50);

create table federation.call_waiter (
  budget text not null references federation.call_budget on delete cascade,
  holder text not null check (length(holder) between 1 and 200),
  since timestamptz not null,
  due_at timestamptz not null,
  -- Set while it has what it asked for; for some minutes it keeps its place for what it has to ask for next.
  served_at timestamptz,
  primary key (budget, holder)
);
create index call_waiter_line on federation.call_waiter (budget, since) where served_at is null;
grant select, insert, update, delete on federation.call_budget, federation.call_waiter to federation_app;

/*
 * One call's worth of every budget, or of none. Answers the seconds until asking again is worth while (0 = taken), and
 * which budget it waits for. `in_budgets`: [{name, capacity, per_second, keeps_place}], in Railway's terms a window's
 * limit split into what may go at once and what comes back.
 */
create function federation.take_calls(in_holder text, in_budgets jsonb, in_late_seconds float8)
returns table (wait_seconds float8, budget text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  now_at timestamptz;
  want record;
  place timestamptz;
  ahead bigint;
  free float8;
  wait float8;
  longest float8 := 0;
  longest_name text;
  place_kept constant interval := '10 minutes';
begin
  insert into federation.call_budget (name, tokens, refilled_at)
    select b.name, b.capacity, clock_timestamp()
    from jsonb_to_recordset(in_budgets) as b(name text, capacity float8) order by b.name
    on conflict do nothing;
  perform from federation.call_budget c
    where c.name in (select b->>'name' from jsonb_array_elements(in_budgets) b) order by c.name for no key update;
  now_at := clock_timestamp();
  for want in
    select b.*, c.tokens, c.refilled_at, c.blocked_until
    from jsonb_to_recordset(in_budgets) as b(name text, capacity float8, per_second float8, keeps_place boolean)
    join federation.call_budget c using (name)
  loop
    free := least(want.capacity,
      want.tokens + want.per_second * greatest(0, extract(epoch from now_at - want.refilled_at)));
    update federation.call_budget c set tokens = free, refilled_at = greatest(c.refilled_at, now_at)
      where c.name = want.name;
    select w.since into place from federation.call_waiter w
      where w.budget = want.name and w.holder = in_holder
        and (w.served_at is null or (want.keeps_place and w.served_at > now_at - place_kept));
    select count(*) into ahead from federation.call_waiter w
      where w.budget = want.name and w.served_at is null and w.holder <> in_holder
        and w.since < coalesce(place, now_at)
        and w.due_at > now_at - make_interval(secs => in_late_seconds);
    wait := case when free + 1e-6 >= ahead + 1 then 0 else (ahead + 1 - free) / want.per_second end;
    wait := greatest(wait, extract(epoch from want.blocked_until - now_at));
    if wait > 0 then
      insert into federation.call_waiter (budget, holder, since, due_at)
        values (want.name, in_holder, coalesce(place, now_at), now_at + make_interval(secs => wait))
        on conflict on constraint call_waiter_pkey do update
          set since = excluded.since, due_at = excluded.due_at, served_at = null;
    end if;
    if wait > longest then
      longest := wait;
      longest_name := want.name;
    end if;
  end loop;
  if longest = 0 then
    update federation.call_budget c set tokens = c.tokens - 1
      where c.name in (select b->>'name' from jsonb_array_elements(in_budgets) b);
    insert into federation.call_waiter (budget, holder, since, due_at, served_at)
      select b.name, in_holder, now_at, now_at, now_at
      from jsonb_to_recordset(in_budgets) as b(name text, keeps_place boolean) where b.keeps_place
      on conflict on constraint call_waiter_pkey do update set served_at = excluded.served_at,
        since = case when coalesce(call_waiter.served_at, now_at) > now_at - place_kept
          then call_waiter.since else excluded.since end;
    delete from federation.call_waiter w
      using jsonb_to_recordset(in_budgets) as b(name text, keeps_place boolean)
      where w.budget = b.name and w.holder = in_holder and not b.keeps_place;
  end if;
  return query select longest, longest_name;
end $$;
revoke all on function federation.take_calls(text, jsonb, float8) from public;
grant execute on function federation.take_calls(text, jsonb, float8) to federation_app;

-- Seconds of a step that it stood in such a line: no work of its own, and no hint at how long the next one takes.
alter table federation.step
  add column queue_seconds float8 not null default 0 check (queue_seconds >= 0),
  -- Whether the wait it is in, already counted, is one of those.
  add column in_line boolean not null default false;

create or replace view federation.step_duration with (security_invoker = true) as
  select r.kind, s.name,
    percentile_cont(0.5) within group (order by greatest(0, extract(epoch from s.finished_at - s.started_at) - s.queue_seconds))
      as median_seconds,
    d.host
  from federation.step s join federation.run r on r.id = s.run_id join federation.department d on d.id = r.department_id
  where s.status = 'done' and r.status = 'succeeded' and r.finished_at > clock_timestamp() - interval '30 days'
  group by r.kind, s.name, d.host;
