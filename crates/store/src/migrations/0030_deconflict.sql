-- What reports are looked up by, as keyed hashes. Of one term only so many reports are kept, see `term.rs`.
create table term (
  hash BYTES not null,
  report bigint not null references report (id),
  primary key (hash, report)
);
create index term_by_report on term (report);

-- What was decided of a report, in order; only ever appended to. `sealed` holds the words, under the report's key.
-- `after` is the finding it was in then; `before` the one it was moved from, null where it just came.
-- `decider` is null where the rule decided, whose edition stands beside. `undoes` is the decision that this one takes back.
create table decision (
  id SERIAL,
  report bigint not null references report (id),
  at_us bigint not null,
  decider bigint references member (id),
  edition bigint not null,
  outcome TEXT not null,
  before bigint references finding (id),
  after bigint not null references finding (id),
  batch bigint,
  undoes bigint,
  sealed BYTES
);
create index decision_by_report on decision (report, id);
create index decision_by_batch on decision (batch);
create index decision_by_edition on decision (edition, id);

-- Two findings that may be one. `newer` asks, `older` is asked about. `sealed` says why, under the key of `report`.
create table pair (
  id SERIAL,
  newer bigint not null references finding (id),
  older bigint not null references finding (id),
  report bigint not null references report (id),
  state TEXT not null,
  points bigint not null,
  edition bigint not null,
  turn_us bigint not null,
  decided_us bigint,
  decider bigint references member (id),
  -- The step of decisions that answered it, and the one that asked it in place of a question of a merged finding.
  answered_in bigint,
  asked_in bigint,
  sealed BYTES not null,
  unique (newer, older)
);
create index pair_by_turn on pair (state, turn_us, id);
create index pair_by_older on pair (older);
create index pair_by_answer on pair (answered_in);
create index pair_by_asking on pair (asked_in);
