-- The log: entries in the order of commits. `log_head` holds one row, whose size is the next index.
create table log_head (one bigint primary key check (one = 1), size bigint not null);
insert into log_head (one, size) values (1, 0);
create table log_entry (idx bigint primary key, entry BYTES not null);
-- What opens a sealed entry: salt and body, sealed under the instance's master key until published.
create table log_opening (idx bigint primary key references log_entry (idx), sealed BYTES not null, opened_us bigint);

create table organization (
  id SERIAL,
  kind TEXT not null,
  name TEXT not null unique,
  staff boolean not null,
  joined_us bigint not null,
  left_us bigint
);
create table member (
  id SERIAL,
  organization bigint not null references organization (id),
  name TEXT not null,
  email TEXT not null,
  role TEXT not null,
  created_us bigint not null,
  removed_us bigint,
  -- In another organization the same person has another account: nobody learns of it by inviting them.
  unique (organization, email)
);
create index member_by_email on member (email);

-- One flaw. Its words stand in its reports, sealed; here is only what lists are ordered and filtered by.
create table finding (
  id SERIAL,
  state TEXT not null,
  opened_us bigint not null,
  updated_us bigint not null,
  merged_into bigint references finding (id),
  exploited boolean not null,
  proven boolean not null,
  rank bigint not null,
  due_us bigint,
  ecosystem TEXT not null
);
create index finding_by_rank on finding (state, rank desc, id);

-- What a finder handed over. `key` is its data key, wrapped; null once destroyed, and then nothing opens the rest.
create table report (
  id SERIAL,
  organization bigint not null references organization (id),
  member bigint references member (id),
  finding bigint references finding (id),
  received_us bigint not null,
  idempotency TEXT not null,
  digest BYTES not null,
  key BYTES,
  body BYTES not null,
  fingerprint BYTES,
  known boolean not null,
  log_index bigint not null,
  unique (organization, idempotency)
);
create index report_by_finding on report (finding);
create index report_by_organization on report (organization, id desc);

-- The work on one finding.
create table case_file (
  id SERIAL,
  finding bigint not null references finding (id),
  stage TEXT not null,
  key BYTES,
  title BYTES not null,
  embargo TEXT not null,
  embargo_until_us bigint,
  tlp TEXT not null,
  held_by bigint references member (id),
  opened_us bigint not null,
  updated_us bigint not null,
  closed_us bigint
);
create unique index case_by_finding on case_file (finding);
create index case_by_stage on case_file (stage, updated_us desc);

create table participant (
  case_file bigint not null references case_file (id),
  organization bigint not null references organization (id),
  role TEXT not null,
  since_us bigint not null,
  until_us bigint,
  primary key (case_file, organization)
);
create index participant_by_organization on participant (organization, case_file);

-- What is slow, done by whichever node takes it.
create table job (
  id SERIAL,
  kind TEXT not null,
  subject TEXT not null,
  run_us bigint not null,
  attempts bigint not null,
  taken_until_us bigint,
  unique (kind, subject)
);
create index job_by_run on job (run_us);
