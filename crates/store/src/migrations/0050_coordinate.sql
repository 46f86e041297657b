-- The words of a case, sealed under its key.
create table case_text (
  case_file bigint primary key references case_file (id),
  description BYTES not null
);

-- Everything that was done in a case, in order; only ever appended to. `act` and `audience` teach no embargoed word,
-- the rest is sealed under the case's key. An audience is the one organization that a message is for.
create table case_event (
  id SERIAL,
  case_file bigint not null references case_file (id),
  at_us bigint not null,
  organization bigint not null references organization (id),
  member bigint references member (id),
  act TEXT not null,
  audience bigint references organization (id),
  sealed BYTES,
  log_index bigint not null
);
create index case_event_by_case on case_event (case_file, id);

create table attachment (
  id SERIAL,
  case_file bigint not null references case_file (id),
  event bigint not null references case_event (id),
  name BYTES not null,
  bytes bigint not null,
  digest BYTES not null,
  sealed BYTES not null
);
create index attachment_by_event on attachment (event);

-- When what deadlines count from first happened.
create table case_mark (
  case_file bigint not null references case_file (id),
  mark TEXT not null,
  detail TEXT not null,
  at_us bigint not null,
  primary key (case_file, mark)
);

-- What is to be sent to whom, and what was. One row for each vendor or deployer of a case.
create table sending (
  case_file bigint not null references case_file (id),
  organization bigint not null references organization (id),
  queued_us bigint not null,
  sent_us bigint,
  primary key (case_file, organization)
);
create index sending_by_organization on sending (organization, sent_us);

-- What a maintainer agreed to be sent.
create table pace (
  organization bigint primary key references organization (id),
  opted_out boolean not null,
  paused_until_us bigint,
  open_max bigint,
  per_week_max bigint,
  needs_proof boolean not null,
  needs_patch boolean not null,
  exploited_at_once boolean not null,
  updated_us bigint not null
);

create table reminder (
  case_file bigint not null references case_file (id),
  regime TEXT not null,
  state TEXT not null,
  due_us bigint not null,
  said_us bigint not null,
  primary key (case_file, regime, state, due_us)
);

-- Where an organization is told by machine. `secret` signs, and is sealed under the instance's master key.
create table webhook (
  id SERIAL,
  organization bigint not null references organization (id),
  url TEXT not null,
  secret BYTES not null,
  created_us bigint not null,
  ended_us bigint
);
create index webhook_by_organization on webhook (organization);

-- What has to be said to whom, written with what it is about. `what` and `subject` teach no embargoed word.
-- A row for a member goes by mail, one for a webhook to its address.
create table notice (
  id SERIAL,
  organization bigint not null references organization (id),
  member bigint references member (id),
  webhook bigint references webhook (id),
  what TEXT not null,
  subject TEXT not null,
  made_us bigint not null,
  run_us bigint not null,
  attempts bigint not null,
  taken_until_us bigint,
  sent_us bigint,
  dead_us bigint,
  answer TEXT not null
);
create index notice_by_run on notice (sent_us, dead_us, run_us);
create index notice_by_organization on notice (organization, id desc);

-- How often a member reads mail of ours: `at-once`, `daily` or `never`. No row is `at-once`.
create table digest (
  member bigint primary key references member (id),
  rhythm TEXT not null
);
