-- The tree over the log's entries: the widest version of each tile, and the head that was signed after each batch.
create table log_tile (
  level bigint not null,
  idx bigint not null,
  hashes BYTES not null,
  primary key (level, idx)
);
create table log_checkpoint (
  size bigint primary key,
  root BYTES not null,
  note TEXT not null,
  signed_us bigint not null
);
-- One row, whose lock one sequencer at a time holds; the size is what the tiles hold.
create table log_sequencer (one bigint primary key check (one = 1), size bigint not null);
insert into log_sequencer (one, size) values (1, 0);
-- What each witness last saw, by its key, and what it last said no with.
create table log_witness (
  witness TEXT primary key,
  size bigint not null,
  asked_us bigint not null,
  failure TEXT
);
create table log_cosignature (
  size bigint not null references log_checkpoint (size),
  witness TEXT not null,
  line TEXT not null,
  primary key (size, witness)
);
-- Which changes of the log's key stand in the log, and where.
create table log_rotation (number bigint primary key, idx bigint not null references log_entry (idx));
