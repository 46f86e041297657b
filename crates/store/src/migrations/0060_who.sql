-- An organization that is suspended is not recognized at the door until it is let in again.
alter table organization add column suspended_us bigint;

-- What someone proves themselves with. `subject` finds it: the member's number for a password or a code device,
-- a digest for a recovery code, the credential's id for a passkey, issuer and subject for a single sign-on.
-- `secret` is sealed under the master key. `counter` is the last step of a code device that was accepted.
create table credential (
  id SERIAL,
  member bigint not null references member (id),
  kind TEXT not null,
  subject TEXT not null,
  label TEXT not null,
  secret BYTES not null,
  counter bigint,
  created_us bigint not null,
  used_us bigint,
  unique (kind, subject)
);
create index credential_by_member on credential (member, kind);

-- Only the digest of what a browser shows is kept: whoever reads this table can be nobody.
create table session (
  id SERIAL,
  digest BYTES not null unique,
  member bigint not null references member (id),
  proof TEXT not null,
  agent TEXT not null,
  created_us bigint not null,
  used_us bigint not null,
  ends_us bigint not null
);
create index session_by_member on session (member);

create table token (
  id SERIAL,
  digest BYTES not null unique,
  member bigint not null references member (id),
  hint TEXT not null,
  label TEXT not null,
  scopes TEXT not null,
  created_us bigint not null,
  used_us bigint,
  ends_us bigint not null
);
create index token_by_member on token (member);

-- A link that makes one account, once. `secret` seals the code device it offers.
create table invitation (
  id SERIAL,
  digest BYTES not null unique,
  organization bigint not null references organization (id),
  email TEXT,
  role TEXT not null,
  secret BYTES not null,
  invited_by bigint references member (id),
  created_us bigint not null,
  ends_us bigint not null
);
create index invitation_by_organization on invitation (organization);

-- What a passkey or a single sign-on waits for, sealed; taken once.
create table ceremony (
  digest BYTES primary key,
  sealed BYTES not null,
  ends_us bigint not null
);
create index ceremony_by_end on ceremony (ends_us);

-- Tries at a door in a window of time, by a keyed hash of whose or from where.
create table attempt (
  bucket BYTES primary key,
  count bigint not null,
  since_us bigint not null
);
create index attempt_by_since on attempt (since_us);

-- Who did what, for those whose it is; the log has the same sealed.
create table deed (
  id SERIAL,
  at_us bigint not null,
  organization bigint not null references organization (id),
  member bigint references member (id),
  act TEXT not null,
  subject TEXT not null,
  log_index bigint not null
);
create index deed_by_organization on deed (organization, id desc);
create index deed_by_member on deed (member, id desc);
