-- What is served beside each version of an advisory, rendered and signed once; no row changes. `id` counts up, so
-- whoever lists them needs to read no more than what is new. `body` is null where the version itself holds the bytes.
-- `signature` is ASCII armor, by the OpenPGP key of this fingerprint.
create table advisory_file (
  id SERIAL,
  advisory bigint not null references advisory (id),
  version bigint not null,
  kind TEXT not null,
  body BYTES,
  sha256 TEXT not null,
  sha512 TEXT not null,
  signature TEXT,
  fingerprint TEXT,
  unique (advisory, version, kind)
);
create index advisory_file_by_kind on advisory_file (kind, id);

-- Public halves of every OpenPGP key that signed, in ASCII armor: a signature stays good when another key follows.
create table openpgp_key (
  fingerprint TEXT primary key,
  public TEXT not null,
  made_us bigint not null
);

-- Who may be told: of the last version, and of each. All that was published before was for everyone.
alter table advisory add column tlp TEXT not null default 'CLEAR';
alter table advisory_version add column tlp TEXT not null default 'CLEAR';
create index advisory_by_tlp on advisory (tlp, modified_us desc);

-- When the house first said that it is exploited, where it still says so.
alter table advisory add column exploited_us bigint;
create index advisory_by_exploited on advisory (exploited_us);
