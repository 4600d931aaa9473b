-- Records are appended and never changed; documents are versioned values.
-- {identity} is the dialect's own rising key and {prefix} its place for tables (see migrate.ts); all else is the same in both dialects.
create table {prefix}record (
  seq {identity},
  kind text not null,
  scope text not null,
  key text not null,
  at text not null,    -- ISO 8601, UTC, with milliseconds: sorts as text
  body text not null   -- JSON
);
create index record_by_key on {prefix}record (kind, scope, key, seq);
create index record_by_scope on {prefix}record (kind, scope, seq);
create index record_by_time on {prefix}record (kind, scope, at);
create table {prefix}document (
  kind text not null,
  scope text not null,
  key text not null,
  revision bigint not null,
  at text not null,
  body text not null,
  primary key (kind, scope, key)
);
