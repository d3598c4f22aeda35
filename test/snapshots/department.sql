-- The catalog of one department, written by test/departments/schema/snapshot.test.ts.
column calendar_event.all_day boolean not null default false
column calendar_event.attendees text[] not null default '{}'::text[]
column calendar_event.created_at timestamp with time zone not null default clock_timestamp()
column calendar_event.description text
column calendar_event.ends_at timestamp with time zone not null
column calendar_event.external_id text not null
column calendar_event.id uuid not null
column calendar_event.location text
column calendar_event.organiser text
column calendar_event.source text not null
column calendar_event.starts_at timestamp with time zone not null
column calendar_event.status text not null default 'confirmed'::text
column calendar_event.title text not null
column calendar_event.updated_at timestamp with time zone not null default clock_timestamp()
column contact.address text
column contact.created_at timestamp with time zone not null default clock_timestamp()
column contact.email text
column contact.external_id text not null
column contact.id uuid not null
column contact.name text not null
column contact.notes text
column contact.organisation text
column contact.phone text
column contact.search tsvector not null generated (setweight(to_tsvector('simple'::regconfig, name), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, ((((COALESCE(email, ''::text) || ' '::text) || COALESCE(organisation, ''::text)) || ' '::text) || COALESCE(title, ''::text))), 'B'::"char"))
column contact.source text not null
column contact.title text
column contact.updated_at timestamp with time zone not null default clock_timestamp()
column document.access_count bigint not null default 0
column document.analysis jsonb not null default '{}'::jsonb
column document.bytes bigint not null default 0
column document.created_at timestamp with time zone not null default clock_timestamp()
column document.external_id text not null
column document.extraction text not null default 'done'::text
column document.extraction_error text
column document.folder text not null default ''::text
column document.id uuid not null
column document.mime_type text not null default 'text/plain'::text
column document.modified_at timestamp with time zone
column document.name text not null
column document.search tsvector not null generated (setweight(to_tsvector('simple'::regconfig, name), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, "left"(text, 200000)), 'D'::"char"))
column document.source text not null
column document.text text not null default ''::text
column document.updated_at timestamp with time zone not null default clock_timestamp()
column document.url text
column email.created_at timestamp with time zone not null default clock_timestamp()
column email.external_id text not null
column email.id uuid not null
column email.labels text[] not null default '{}'::text[]
column email.recipients text[] not null default '{}'::text[]
column email.search tsvector not null generated ((setweight(to_tsvector('simple'::regconfig, subject), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, sender), 'B'::"char")) || setweight(to_tsvector('simple'::regconfig, "left"(text, 200000)), 'D'::"char"))
column email.sender text not null
column email.sent_at timestamp with time zone not null
column email.source text not null
column email.subject text not null default ''::text
column email.text text not null default ''::text
column email.thread_id text
column email.updated_at timestamp with time zone not null default clock_timestamp()
column file.bytes bigint not null
column file.created_at timestamp with time zone not null default clock_timestamp()
column file.document_id uuid
column file.external_id text not null
column file.id uuid not null
column file.location text not null
column file.mime_type text not null default 'application/octet-stream'::text
column file.name text not null
column file.sha256 bytea
column file.source text not null
column file.updated_at timestamp with time zone not null default clock_timestamp()
column local_audit.action text not null
column local_audit.actor text not null
column local_audit.created_at timestamp with time zone not null default clock_timestamp()
column local_audit.detail jsonb not null default '{}'::jsonb
column local_audit.id uuid not null
column local_audit.session_id uuid
column local_audit.target text
column memory.category text not null
column memory.content text not null
column memory.created_at timestamp with time zone not null default clock_timestamp()
column memory.id uuid not null
column memory.importance smallint not null default 5
column memory.search tsvector not null generated to_tsvector('simple'::regconfig, content)
column memory.session_id uuid
column memory.updated_at timestamp with time zone not null default clock_timestamp()
column message.created_at timestamp with time zone not null default clock_timestamp()
column message.id uuid not null
column message.latency_ms integer
column message.role text not null
column message.session_id uuid not null
column message.text text not null
column message.tokens integer
column session.channel text not null default 'voice'::text
column session.end_reason text
column session.ended_at timestamp with time zone
column session.id uuid not null
column session.participant text not null
column session.room text not null
column session.started_at timestamp with time zone not null default clock_timestamp()
column session_context.expires_at timestamp with time zone
column session_context.key text not null
column session_context.session_id uuid not null
column session_context.type text not null
column session_context.updated_at timestamp with time zone not null default clock_timestamp()
column session_context.value jsonb not null
column tool_call.call_id text not null
column tool_call.created_at timestamp with time zone not null default clock_timestamp()
column tool_call.duration_ms integer
column tool_call.error text
column tool_call.finished_at timestamp with time zone
column tool_call.parameters jsonb not null default '{}'::jsonb
column tool_call.result jsonb
column tool_call.session_id uuid
column tool_call.status text not null
column tool_call.tool text not null
column tool_call.voice_response text
constraint calendar_event.calendar_event_check CHECK (((length(source) >= 1) AND (length(source) <= 100) AND ((length(external_id) >= 1) AND (length(external_id) <= 500))))
constraint calendar_event.calendar_event_check1 CHECK ((ends_at >= starts_at))
constraint calendar_event.calendar_event_description_check CHECK ((length(description) <= 100000))
constraint calendar_event.calendar_event_pkey PRIMARY KEY (id)
constraint calendar_event.calendar_event_source_external_id_key UNIQUE (source, external_id)
constraint calendar_event.calendar_event_status_check CHECK ((status = ANY (ARRAY['confirmed'::text, 'tentative'::text, 'cancelled'::text])))
constraint calendar_event.calendar_event_title_check CHECK (((length(title) >= 1) AND (length(title) <= 1000)))
constraint contact.contact_check CHECK (((length(source) >= 1) AND (length(source) <= 100) AND ((length(external_id) >= 1) AND (length(external_id) <= 500))))
constraint contact.contact_email_check CHECK ((length(email) <= 320))
constraint contact.contact_name_check CHECK (((length(name) >= 1) AND (length(name) <= 300)))
constraint contact.contact_notes_check CHECK ((length(notes) <= 20000))
constraint contact.contact_organisation_check CHECK ((length(organisation) <= 500))
constraint contact.contact_phone_check CHECK ((length(phone) <= 60))
constraint contact.contact_pkey PRIMARY KEY (id)
constraint contact.contact_source_external_id_key UNIQUE (source, external_id)
constraint contact.contact_title_check CHECK ((length(title) <= 500))
constraint document.document_bytes_check CHECK ((bytes >= 0))
constraint document.document_check CHECK (((length(source) >= 1) AND (length(source) <= 100) AND ((length(external_id) >= 1) AND (length(external_id) <= 500))))
constraint document.document_check1 CHECK (((extraction = 'failed'::text) = (extraction_error IS NOT NULL)))
constraint document.document_extraction_check CHECK ((extraction = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text, 'unsupported'::text])))
constraint document.document_name_check CHECK (((length(name) >= 1) AND (length(name) <= 500)))
constraint document.document_pkey PRIMARY KEY (id)
constraint document.document_source_external_id_key UNIQUE (source, external_id)
constraint document.document_text_check CHECK ((length(text) <= 5000000))
constraint email.email_check CHECK (((length(source) >= 1) AND (length(source) <= 100) AND ((length(external_id) >= 1) AND (length(external_id) <= 500))))
constraint email.email_pkey PRIMARY KEY (id)
constraint email.email_sender_check CHECK ((length(sender) <= 320))
constraint email.email_source_external_id_key UNIQUE (source, external_id)
constraint email.email_subject_check CHECK ((length(subject) <= 2000))
constraint email.email_text_check CHECK ((length(text) <= 2000000))
constraint file.file_bytes_check CHECK ((bytes >= 0))
constraint file.file_check CHECK (((length(source) >= 1) AND (length(source) <= 100) AND ((length(external_id) >= 1) AND (length(external_id) <= 500))))
constraint file.file_document_id_fkey FOREIGN KEY (document_id) REFERENCES {{schema}}.document(id) ON DELETE SET NULL
constraint file.file_name_check CHECK (((length(name) >= 1) AND (length(name) <= 500)))
constraint file.file_pkey PRIMARY KEY (id)
constraint file.file_sha256_check CHECK ((length(sha256) = 32))
constraint file.file_source_external_id_key UNIQUE (source, external_id)
constraint local_audit.local_audit_action_check CHECK ((action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'::text))
constraint local_audit.local_audit_pkey PRIMARY KEY (id)
constraint memory.memory_category_check CHECK (((length(category) >= 1) AND (length(category) <= 100)))
constraint memory.memory_content_check CHECK (((length(content) >= 1) AND (length(content) <= 20000)))
constraint memory.memory_importance_check CHECK (((importance >= 1) AND (importance <= 10)))
constraint memory.memory_pkey PRIMARY KEY (id)
constraint memory.memory_session_id_fkey FOREIGN KEY (session_id) REFERENCES {{schema}}.session(id) ON DELETE SET NULL
constraint message.message_latency_ms_check CHECK ((latency_ms >= 0))
constraint message.message_pkey PRIMARY KEY (id)
constraint message.message_role_check CHECK ((role = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text, 'tool'::text])))
constraint message.message_session_id_fkey FOREIGN KEY (session_id) REFERENCES {{schema}}.session(id) ON DELETE CASCADE
constraint message.message_text_check CHECK ((length(text) <= 100000))
constraint message.message_tokens_check CHECK ((tokens >= 0))
constraint session.session_channel_check CHECK ((channel = ANY (ARRAY['voice'::text, 'text'::text, 'phone'::text])))
constraint session.session_check CHECK (((ended_at IS NULL) OR (ended_at >= started_at)))
constraint session.session_participant_check CHECK (((length(participant) >= 1) AND (length(participant) <= 200)))
constraint session.session_pkey PRIMARY KEY (id)
constraint session.session_room_check CHECK (((length(room) >= 1) AND (length(room) <= 200)))
constraint session_context.session_context_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
constraint session_context.session_context_pkey PRIMARY KEY (session_id, type, key)
constraint session_context.session_context_session_id_fkey FOREIGN KEY (session_id) REFERENCES {{schema}}.session(id) ON DELETE CASCADE
constraint session_context.session_context_type_check CHECK (((length(type) >= 1) AND (length(type) <= 100)))
constraint tool_call.tool_call_call_id_check CHECK (((length(call_id) >= 1) AND (length(call_id) <= 200)))
constraint tool_call.tool_call_check CHECK (((status = 'EXECUTING'::text) = (finished_at IS NULL)))
constraint tool_call.tool_call_check1 CHECK (((status = 'FAILED'::text) = (error IS NOT NULL)))
constraint tool_call.tool_call_duration_ms_check CHECK ((duration_ms >= 0))
constraint tool_call.tool_call_pkey PRIMARY KEY (call_id)
constraint tool_call.tool_call_session_id_fkey FOREIGN KEY (session_id) REFERENCES {{schema}}.session(id) ON DELETE CASCADE
constraint tool_call.tool_call_status_check CHECK ((status = ANY (ARRAY['EXECUTING'::text, 'COMPLETED'::text, 'FAILED'::text, 'CANCELLED'::text])))
constraint tool_call.tool_call_tool_check CHECK ((tool ~ '^[a-z][a-z0-9_-]{0,62}$'::text))
function aggregate_activity(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=1ea087cea88258d810708dc460b0150c; federation_reader=execute {{role}}=execute
function aggregate_documents(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=fc72facb80ff98adffdf64340df7e59a; federation_reader=execute {{role}}=execute
function answer(found jsonb, size integer) returns jsonb sql i owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=9986aa4a644df7009e75dcc7a69ed6a3; federation_reader=execute {{role}}=execute
function get_contact(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=5b7d4bf97d5706fa139fe680413f396f; federation_reader=execute {{role}}=execute
function get_document(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=b7ccd3bee7539c5eeecb4e3c2c1dc0e9; federation_reader=execute {{role}}=execute
function list_events(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=f9433be2e04a0c15dfde7da431fcf2ba; federation_reader=execute {{role}}=execute
function page(params jsonb, OUT size integer, OUT skip integer) returns record sql i owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=86db3520ec82f17e3b586a69a7e7183b; federation_reader=execute {{role}}=execute
function search_contacts(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=e2b62dab6b4c7b23469a1ced55127650; federation_reader=execute {{role}}=execute
function search_documents(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=35a1dd1dc99e9fd361aab6f96d645e82; federation_reader=execute {{role}}=execute
function search_emails(params jsonb) returns jsonb plpgsql s owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=001a6377c4142732f9a6dd9b29a25c10; federation_reader=execute {{role}}=execute
function snippet(text text, query tsquery) returns text sql i owner=federation_owner config={"search_path=pg_catalog, pg_temp"} body=65403d23d18f6e25fdbae874cba5ccc5; federation_reader=execute {{role}}=execute
index CREATE INDEX calendar_event_start ON {{schema}}.calendar_event USING btree (starts_at, id)
index CREATE INDEX contact_email ON {{schema}}.contact USING btree (lower(email))
index CREATE INDEX contact_search ON {{schema}}.contact USING gin (search)
index CREATE INDEX document_search ON {{schema}}.document USING gin (search)
index CREATE INDEX email_search ON {{schema}}.email USING gin (search)
index CREATE INDEX email_sent ON {{schema}}.email USING btree (sent_at)
index CREATE INDEX file_document ON {{schema}}.file USING btree (document_id)
index CREATE INDEX memory_search ON {{schema}}.memory USING gin (search)
index CREATE INDEX memory_session ON {{schema}}.memory USING btree (session_id)
index CREATE INDEX message_created ON {{schema}}.message USING btree (created_at)
index CREATE INDEX message_session ON {{schema}}.message USING btree (session_id, created_at)
index CREATE INDEX session_started ON {{schema}}.session USING btree (started_at)
index CREATE INDEX tool_call_created ON {{schema}}.tool_call USING btree (created_at)
index CREATE INDEX tool_call_session ON {{schema}}.tool_call USING btree (session_id)
index CREATE UNIQUE INDEX calendar_event_pkey ON {{schema}}.calendar_event USING btree (id)
index CREATE UNIQUE INDEX calendar_event_source_external_id_key ON {{schema}}.calendar_event USING btree (source, external_id)
index CREATE UNIQUE INDEX contact_pkey ON {{schema}}.contact USING btree (id)
index CREATE UNIQUE INDEX contact_source_external_id_key ON {{schema}}.contact USING btree (source, external_id)
index CREATE UNIQUE INDEX document_pkey ON {{schema}}.document USING btree (id)
index CREATE UNIQUE INDEX document_source_external_id_key ON {{schema}}.document USING btree (source, external_id)
index CREATE UNIQUE INDEX email_pkey ON {{schema}}.email USING btree (id)
index CREATE UNIQUE INDEX email_source_external_id_key ON {{schema}}.email USING btree (source, external_id)
index CREATE UNIQUE INDEX file_pkey ON {{schema}}.file USING btree (id)
index CREATE UNIQUE INDEX file_source_external_id_key ON {{schema}}.file USING btree (source, external_id)
index CREATE UNIQUE INDEX local_audit_pkey ON {{schema}}.local_audit USING btree (id)
index CREATE UNIQUE INDEX memory_pkey ON {{schema}}.memory USING btree (id)
index CREATE UNIQUE INDEX message_pkey ON {{schema}}.message USING btree (id)
index CREATE UNIQUE INDEX session_context_pkey ON {{schema}}.session_context USING btree (session_id, type, key)
index CREATE UNIQUE INDEX session_pkey ON {{schema}}.session USING btree (id)
index CREATE UNIQUE INDEX tool_call_pkey ON {{schema}}.tool_call USING btree (call_id)
policy own on calendar_event permissive * to {{role}} using true check true
policy own on contact permissive * to {{role}} using true check true
policy own on document permissive * to {{role}} using true check true
policy own on email permissive * to {{role}} using true check true
policy own on file permissive * to {{role}} using true check true
policy own on local_audit permissive * to {{role}} using true check true
policy own on memory permissive * to {{role}} using true check true
policy own on message permissive * to {{role}} using true check true
policy own on session permissive * to {{role}} using true check true
policy own on session_context permissive * to {{role}} using true check true
policy own on tool_call permissive * to {{role}} using true check true
policy reader on calendar_event permissive r to federation_reader using true check 
policy reader on contact permissive r to federation_reader using true check 
policy reader on document permissive r to federation_reader using true check 
policy reader on email permissive r to federation_reader using true check 
policy reader on file permissive r to federation_reader using true check 
policy reader on local_audit permissive r to federation_reader using true check 
policy reader on memory permissive r to federation_reader using true check 
policy reader on message permissive r to federation_reader using true check 
policy reader on session permissive r to federation_reader using true check 
policy reader on session_context permissive r to federation_reader using true check 
policy reader on tool_call permissive r to federation_reader using true check 
policy roles on calendar_event restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on contact restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on document restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on email restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on file restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on local_audit restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on memory restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on message restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on session restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on session_context restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy roles on tool_call restrictive * to public using gateway.role_in(VARIADIC ARRAY['{{role}}'::name, 'federation_reader'::name]) check 
policy sealed on calendar_event restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on contact restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on document restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on email restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on file restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on local_audit restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on memory restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on message restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on session restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on session_context restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
policy sealed on tool_call restrictive * to {{role}} using ((SESSION_USER = '{{role}}'::name) OR ( SELECT gateway.owns('{{department_id}}'::uuid) AS owns)) check 
relation calendar_event kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation calendar_event_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation calendar_event_source_external_id_key kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation calendar_event_start kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation contact kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation contact_email kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation contact_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation contact_search kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation contact_source_external_id_key kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation document kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation document_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation document_search kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation document_source_external_id_key kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation email kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation email_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation email_search kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation email_sent kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation email_source_external_id_key kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation file kind=r persistence=p owner=federation_owner rls=t forced=t options=; {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation file_document kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation file_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation file_source_external_id_key kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation local_audit kind=r persistence=p owner=federation_owner rls=t forced=t options=; {{role}}=insert {{role}}=select
relation local_audit_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation memory kind=r persistence=p owner=federation_owner rls=t forced=t options=; {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation memory_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation memory_search kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation memory_session kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation message kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation message_created kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation message_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation message_session kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation session kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation session_context kind=r persistence=p owner=federation_owner rls=t forced=t options=; {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation session_context_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation session_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation session_started kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation tool_call kind=r persistence=p owner=federation_owner rls=t forced=t options=; federation_reader=select {{role}}=delete {{role}}=insert {{role}}=select {{role}}=update
relation tool_call_created kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation tool_call_pkey kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
relation tool_call_session kind=i persistence=p owner=federation_owner rls=f forced=f options=; 
schema owner federation_owner; federation_reader=usage {{role}}=usage
