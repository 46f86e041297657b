-- The re-run of a proof: who asked for it, who is at it, and what came of it, sealed under the key of the proof's report.
create table validation (
  id SERIAL,
  report bigint not null references report (id),
  -- SHA-256 of the proof.
  digest BYTES not null,
  -- queued, running, done, cancelled or failed.
  state TEXT not null,
  asked_us bigint not null,
  -- Who asked; null where the house did, since the report brought the proof.
  organization bigint references organization (id),
  member bigint references member (id),
  asked_index bigint not null,
  -- Who is at it, until when nobody else takes it, and how often it was begun.
  worker TEXT not null,
  lease_us bigint,
  attempt bigint not null,
  -- Once it is over.
  ended_us bigint,
  ended_index bigint,
  outcome TEXT,
  result BYTES,
  minimized BYTES,
  statement BYTES
);
create index validation_by_report on validation (report, id);
create index validation_by_state on validation (state, id);
-- Nobody asks twice for what is still to come.
create unique index validation_once on validation (report, digest) where state in ('queued', 'running');
