-- The named queries: the only way into a department's data for somebody else. They run as their caller (gateway.read
-- calls them as federation_reader), take values only and answer {results, truncated}. limit ≤ 50, offset ≤ 10,000.
create function {{schema}}.page(params jsonb, out size integer, out skip integer)
language sql immutable set search_path = pg_catalog, pg_temp
begin atomic
  select least(greatest(coalesce((params ->> 'limit')::integer, 10), 1), 50),
    least(greatest(coalesce((params ->> 'offset')::integer, 0), 0), 10000);
end;

-- Rows are asked for one more than the page holds; the last one only says that there are more.
create function {{schema}}.answer(found jsonb, size integer) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
return jsonb_build_object(
  'results', case when jsonb_array_length(found) > size then found - -1 else coalesce(found, '[]') end,
  'truncated', coalesce(jsonb_array_length(found) > size, false));

create function {{schema}}.snippet(text text, query tsquery) returns text
language sql immutable set search_path = pg_catalog, pg_temp
return left(ts_headline('simple', left(text, 4000), query,
  'StartSel="", StopSel="", MaxFragments=2, MinWords=8, MaxWords=30, FragmentDelimiter=" … "'), 600);

-- {query, folder?, mime_type?, source?, limit?, offset?}
create function {{schema}}.search_documents(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  wanted tsquery := websearch_to_tsquery('simple', params ->> 'query');
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'folder', d.folder, 'mime_type', d.mime_type,
      'bytes', d.bytes, 'modified_at', d.modified_at, 'rank', d.rank,
      'snippet', {{schema}}.snippet(d.text, wanted)) order by d.rank desc, d.id)
    from (
      select d.id, d.name, d.folder, d.mime_type, d.bytes, d.modified_at, d.text, ts_rank(d.search, wanted) as rank
      from {{schema}}.document d
      where d.search @@ wanted
        and (params ->> 'folder' is null or d.folder = params ->> 'folder')
        and (params ->> 'mime_type' is null or d.mime_type = params ->> 'mime_type')
        and (params ->> 'source' is null or d.source = params ->> 'source')
      order by rank desc, d.id
      limit page.size + 1 offset page.skip
    ) d), page.size);
end $$;

-- {id, text_offset?}: 50,000 characters of the text at a time; truncated says that more follow.
create function {{schema}}.get_document(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  start integer := greatest(coalesce((params ->> 'text_offset')::integer, 0), 0);
begin
  return coalesce((
    select jsonb_build_object('results', jsonb_build_array(jsonb_build_object('id', d.id, 'name', d.name,
        'source', d.source, 'external_id', d.external_id, 'folder', d.folder, 'mime_type', d.mime_type,
        'bytes', d.bytes, 'url', d.url, 'analysis', d.analysis, 'modified_at', d.modified_at,
        'text', substring(d.text from start + 1 for 50000), 'text_offset', start)),
      'truncated', length(d.text) > start + 50000)
    from {{schema}}.document d where d.id = (params ->> 'id')::uuid
  ), {{schema}}.answer(null, 1));
end $$;

-- {query?, email?, limit?, offset?}
create function {{schema}}.search_contacts(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  wanted tsquery := websearch_to_tsquery('simple', params ->> 'query');
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'email', c.email,
      'organisation', c.organisation, 'title', c.title) order by c.rank desc, c.name, c.id)
    from (
      select c.id, c.name, c.email, c.organisation, c.title, coalesce(ts_rank(c.search, wanted), 0) as rank
      from {{schema}}.contact c
      where case when params ->> 'email' is null then c.search @@ wanted else lower(c.email) = lower(params ->> 'email') end
      order by rank desc, c.name, c.id
      limit page.size + 1 offset page.skip
    ) c), page.size);
end $$;

-- {id}
create function {{schema}}.get_contact(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'source', c.source,
      'external_id', c.external_id, 'email', c.email, 'phone', c.phone, 'organisation', c.organisation,
      'title', c.title, 'address', c.address, 'notes', c.notes))
    from {{schema}}.contact c where c.id = (params ->> 'id')::uuid), 1);
end $$;

-- {query, from?, until?, sender?, limit?, offset?}
create function {{schema}}.search_emails(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  wanted tsquery := websearch_to_tsquery('simple', params ->> 'query');
  since timestamptz := coalesce((params ->> 'from')::timestamptz, '-infinity');
  until timestamptz := coalesce((params ->> 'until')::timestamptz, 'infinity');
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('id', e.id, 'subject', e.subject, 'sender', e.sender,
      'recipients', e.recipients, 'sent_at', e.sent_at, 'rank', e.rank,
      'snippet', {{schema}}.snippet(e.text, wanted)) order by e.rank desc, e.sent_at desc, e.id)
    from (
      select e.id, e.subject, e.sender, e.recipients, e.sent_at, e.text, ts_rank(e.search, wanted) as rank
      from {{schema}}.email e
      where e.search @@ wanted and e.sent_at >= since and e.sent_at < until
        and (params ->> 'sender' is null or e.sender = params ->> 'sender')
      order by rank desc, e.sent_at desc, e.id
      limit page.size + 1 offset page.skip
    ) e), page.size);
end $$;

-- {from?, until?, after_id?, limit?}: in order of start, from now on by default; go on with from = the last event's
-- starts_at and after_id = its id.
create function {{schema}}.list_events(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  since timestamptz := coalesce((params ->> 'from')::timestamptz, clock_timestamp());
  until timestamptz := coalesce((params ->> 'until')::timestamptz, since + interval '366 days');
  after_id uuid := coalesce((params ->> 'after_id')::uuid, '00000000-0000-0000-0000-000000000000');
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('id', e.id, 'title', e.title, 'location', e.location,
      'organiser', e.organiser, 'attendees', e.attendees, 'status', e.status, 'all_day', e.all_day,
      'starts_at', e.starts_at, 'ends_at', e.ends_at) order by e.starts_at, e.id)
    from (
      select e.* from {{schema}}.calendar_event e
      where (e.starts_at, e.id) > (since, after_id) and e.starts_at < until
      order by e.starts_at, e.id
      limit page.size + 1
    ) e), page.size);
end $$;

-- {group_by: folder|mime_type|source|extraction|month, limit?, offset?}
create function {{schema}}.aggregate_documents(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  grouping_name text := coalesce(params ->> 'group_by', 'folder');
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(jsonb_build_object('key', g.key, 'documents', g.documents, 'bytes', g.bytes)
      order by g.documents desc, g.key)
    from (
      select case grouping_name
          when 'folder' then d.folder
          when 'mime_type' then d.mime_type
          when 'source' then d.source
          when 'extraction' then d.extraction
          when 'month' then to_char(d.created_at at time zone 'UTC', 'YYYY-MM')
        end as key, count(*) as documents, sum(d.bytes) as bytes
      from {{schema}}.document d
      group by 1
      order by documents desc, key
      limit page.size + 1 offset page.skip
    ) g), page.size);
end $$;

-- {from?, until?, bucket: day|week|month, limit?}: counts of what was added or happened, newest bucket first; the last
-- 30 days by default. Buckets are in UTC.
create function {{schema}}.aggregate_activity(params jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  until timestamptz := coalesce((params ->> 'until')::timestamptz, clock_timestamp());
  since timestamptz := coalesce((params ->> 'from')::timestamptz, until - interval '30 days');
  bucket text := case params ->> 'bucket' when 'week' then 'week' when 'month' then 'month' else 'day' end;
  page record := {{schema}}.page(params);
begin
  return {{schema}}.answer((
    select jsonb_agg(to_jsonb(b) order by b.start desc)
    from (
      select date_trunc(bucket, a.at, 'UTC') as start,
        count(*) filter (where a.kind = 'session') as sessions,
        count(*) filter (where a.kind = 'message') as messages,
        count(*) filter (where a.kind = 'tool_call') as tool_calls,
        count(*) filter (where a.kind = 'email') as emails,
        count(*) filter (where a.kind = 'event') as events
      from (
        select 'session' as kind, s.started_at as at from {{schema}}.session s
          where s.started_at >= since and s.started_at < until
        union all select 'message', m.created_at from {{schema}}.message m
          where m.created_at >= since and m.created_at < until
        union all select 'tool_call', t.created_at from {{schema}}.tool_call t
          where t.created_at >= since and t.created_at < until
        union all select 'email', e.sent_at from {{schema}}.email e
          where e.sent_at >= since and e.sent_at < until
        union all select 'event', c.starts_at from {{schema}}.calendar_event c
          where c.starts_at >= since and c.starts_at < until
      ) a
      group by 1
      order by 1 desc
      limit page.size + 1
    ) b), page.size);
end $$;

do $$
declare
  entry regprocedure;
begin
  for entry in select d.objid from pg_depend d
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = '{{schema}}'::regnamespace
      and d.classid = 'pg_proc'::regclass order by d.objid
  loop
    execute format('revoke all on function %1$s from public; grant execute on function %1$s to %2$I, federation_reader',
      entry, '{{role}}');
  end loop;
end $$;
