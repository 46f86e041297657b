-- What was added to a report's history, or tightened of its terms, after it was handed over: both as they stand from
-- then on, sealed under the report's key. Only ever appended to.
create table amendment (
  id SERIAL,
  report bigint not null references report (id),
  at_us bigint not null,
  organization bigint not null references organization (id),
  member bigint references member (id),
  sealed BYTES not null,
  log_index bigint not null
);
create index amendment_by_report on amendment (report, id);

-- Evidence that someone held when they asked whether it is known, by the report that carries the same. Misses are
-- written like hits, so that both cost the same, and go in the same transaction.
create table known_yes (
  id SERIAL,
  at_us bigint not null,
  organization bigint not null references organization (id),
  member bigint references member (id),
  kind TEXT not null,
  report bigint references report (id),
  -- They had handed over that report, or another that carries it, themselves.
  reporter boolean not null,
  -- When the coordinator of the case was told.
  told_us bigint
);
create index known_yes_by_report on known_yes (report, id);
create index known_yes_by_asker on known_yes (organization, report);
create index known_yes_by_telling on known_yes (told_us, id);

-- Reports that a person said are of the finding that they are in, so that their finders join its case.
create table let_in (
  report bigint primary key references report (id),
  at_us bigint not null,
  member bigint references member (id)
);
