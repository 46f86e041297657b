-- What an organization used of what it may, by day (days since 1970, UTC).
create table quota (
  organization bigint not null references organization (id),
  kind TEXT not null,
  day bigint not null,
  used bigint not null,
  primary key (organization, kind, day)
);

-- Evidence by its keyed hash: whoever sends the same digest holds the same evidence.
create table evidence (
  term BYTES not null,
  report bigint not null references report (id),
  primary key (term, report)
);
create index evidence_by_report on evidence (report);

-- A proof that a report names; its bytes stand in chunks, sealed under the report's key and gone with it.
create table proof (
  report bigint not null references report (id),
  digest BYTES not null,
  length bigint not null,
  received bigint not null,
  complete boolean not null,
  updated_us bigint not null,
  primary key (report, digest)
);
create index proof_by_age on proof (complete, updated_us);
create table proof_chunk (
  report bigint not null,
  digest BYTES not null,
  at bigint not null,
  body BYTES not null,
  primary key (report, digest, at),
  foreign key (report, digest) references proof (report, digest)
);

-- A hash now, a report later.
create table precommit (
  commitment BYTES not null,
  organization bigint not null references organization (id),
  member bigint references member (id),
  at_us bigint not null,
  log_index bigint not null,
  report bigint references report (id),
  revealed_us bigint,
  primary key (organization, commitment)
);
