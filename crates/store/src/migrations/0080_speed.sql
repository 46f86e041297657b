-- What reports are looked up by, as changes in the order they were made, see `term.rs`: eight bytes of each keyed
-- hash, one behind the other. Those of reports that are here already are drawn anew from their fingerprints.
drop table term;
create table term_change (
  id SERIAL,
  report bigint not null,
  finding bigint,
  hashes BYTES,
  whole boolean not null
);
create index term_change_by_report on term_change (report);
insert into term_change (report, finding, whole)
select id, finding, false from report where finding is not null and key is not null order by id;

-- What the queue is ordered and filtered by, beside the case itself: a page of it reads one index. `finding` has them too.
alter table case_file add column rank bigint not null default 0;
alter table case_file add column exploited boolean not null default false;
alter table case_file add column proven boolean not null default false;
alter table case_file add column ecosystem TEXT not null default '';
update case_file set rank = f.rank, exploited = f.exploited, proven = f.proven, ecosystem = f.ecosystem
from finding f where f.id = case_file.finding;
create index case_by_rank on case_file (rank desc, finding, stage, ecosystem, exploited, proven);
create index case_by_stage_and_rank on case_file (stage, rank desc, finding, ecosystem, exploited, proven);
create index case_by_ecosystem_and_rank on case_file (ecosystem, rank desc, finding, stage, exploited, proven);
create index case_by_holder on case_file (held_by, rank desc, finding);
drop index case_by_stage;

-- Questions that wait for a person, in their turn.
create index pair_by_decider on pair (decider, decided_us);
