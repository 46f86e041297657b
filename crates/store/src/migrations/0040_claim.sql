-- Who scans what, until when. What is scanned is sealed under the instance's master key, and found by keyed words:
-- an operator's networks are nobody's business who holds a copy of this file.
create table claim (
  id SERIAL,
  organization bigint not null references organization (id),
  body BYTES not null,
  tlp TEXT not null,
  queued boolean not null,
  asked_us bigint not null,
  starts_us bigint,
  ends_us bigint not null,
  days bigint not null,
  renewals bigint not null,
  closed_us bigint,
  log_index bigint not null
);
create index claim_open_by_end on claim (ends_us) where closed_us is null;
create index claim_by_organization on claim (organization, id desc);
create table claim_word (
  word BYTES not null,
  claim bigint not null references claim (id),
  primary key (word, claim)
);
create index claim_word_by_claim on claim_word (claim);

-- What an owner allows to be scanned. The token itself is shown once and kept nowhere.
create table scan_authorization (
  id SERIAL,
  owner bigint not null references organization (id),
  holder bigint not null references organization (id),
  body BYTES not null,
  made_us bigint not null,
  starts_us bigint not null,
  ends_us bigint not null,
  revoked_us bigint,
  log_index bigint not null
);
create index scan_authorization_by_owner on scan_authorization (owner, id desc);
create index scan_authorization_by_holder on scan_authorization (holder, id desc);

-- How owners want to be scanned and told: for everyone to read, and never changed. A new one replaces the last of the
-- same organization, source and speaker.
create table welcome (
  id SERIAL,
  organization bigint not null references organization (id),
  source TEXT not null,
  speaker TEXT not null,
  document TEXT not null,
  made_us bigint not null,
  replaced_us bigint,
  log_index bigint not null
);
create unique index welcome_current on welcome (organization, speaker) where replaced_us is null;
create table welcome_word (
  word TEXT not null,
  welcome bigint not null references welcome (id),
  primary key (word, welcome)
);
create index welcome_word_by_welcome on welcome_word (welcome);
