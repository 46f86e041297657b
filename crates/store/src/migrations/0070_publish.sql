-- What a coordinator writes to be published, sealed under the case's key; each saving replaces the one before.
create table advisory_draft (
  case_file bigint primary key references case_file (id),
  sealed BYTES not null,
  saved_us bigint not null,
  member bigint references member (id)
);

-- What was told to everyone. A number is never given twice: no row goes, a withdrawal is a version. `sought` is the
-- title in lower case, which lists are searched by.
create table advisory (
  id bigint primary key,
  case_file bigint not null unique references case_file (id),
  title TEXT not null,
  sought TEXT not null,
  version bigint not null,
  published_us bigint not null,
  modified_us bigint not null,
  withdrawn_us bigint
);
create index advisory_by_modified on advisory (modified_us desc, id desc);

-- The bytes of each version, rendered once; no row changes. `draft` is what was written, sealed under the case's key.
create table advisory_version (
  advisory bigint not null references advisory (id),
  version bigint not null,
  at_us bigint not null,
  summary TEXT not null,
  document BYTES not null,
  osv BYTES not null,
  csaf BYTES not null,
  draft BYTES not null,
  log_index bigint not null,
  primary key (advisory, version)
);

-- What lists are narrowed by: `ecosystem:npm`, `weakness:cwe-787`, of the last version.
create table advisory_word (
  word TEXT not null,
  advisory bigint not null references advisory (id),
  primary key (word, advisory)
);
create index advisory_word_by_advisory on advisory_word (advisory);
