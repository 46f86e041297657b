-- What a developer and the others speak about over one model: sealed under a key of its own.
create table engagement (
  id SERIAL,
  developer bigint not null references organization (id),
  key BYTES,
  body BYTES not null,
  -- Counts what was written, so that nobody writes over what they have not read.
  version bigint not null,
  asked_us bigint not null,
  -- When the clock does something by itself; null where it does nothing.
  due_us bigint,
  -- The key by which its developer signs to leave away from this house; empty where it gave none.
  leave_key TEXT not null
);
create index engagement_by_developer on engagement (developer, id);
create index engagement_by_due on engagement (due_us, id) where due_us is not null;
-- Who has a seat in it. When the developer leaves, only its own stays.
create table engagement_seat (
  engagement bigint not null references engagement (id),
  organization bigint not null references organization (id),
  seat TEXT not null,
  primary key (engagement, organization, seat)
);
create index engagement_seat_by_organization on engagement_seat (organization, engagement);
-- What was done, each with its entry of the log.
create table engagement_event (
  id SERIAL,
  engagement bigint not null references engagement (id),
  at_us bigint not null,
  body BYTES not null,
  log_index bigint not null
);
create index engagement_event_by_engagement on engagement_event (engagement, id);
-- What an evaluator is bound by, by digest: open in the log, ahead of the run.
create table commitment (
  id SERIAL,
  organization bigint not null references organization (id),
  kind TEXT not null,
  digest TEXT not null,
  at_us bigint not null,
  log_index bigint not null
);
create unique index commitment_once on commitment (organization, kind, digest);
-- The scorecards that were handed in.
create table scorecard (
  id SERIAL,
  engagement bigint not null references engagement (id),
  digest TEXT not null,
  body BYTES not null,
  at_us bigint not null,
  log_index bigint not null
);
create unique index scorecard_once on scorecard (engagement, digest);
-- The developer's own record of the model.
create table record_entry (
  id SERIAL,
  engagement bigint not null references engagement (id),
  number bigint not null,
  at_us bigint not null,
  body BYTES not null,
  -- The signed statement.
  envelope BYTES not null,
  log_index bigint not null
);
create unique index record_entry_once on record_entry (engagement, number);
