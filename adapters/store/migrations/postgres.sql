-- The sessions, and the generation of each user who was ever revoked. Times are milliseconds since 1970.
create table if not exists aura_sessions (
    key bytea not null primary key,
    owner bytea not null,
    elsewhere bytea,
    version bigint not null,
    generation bigint not null,
    begun bigint not null,
    seen bigint not null,
    ends bigint not null,
    face bytea not null,
    body bytea not null
);
create index if not exists aura_sessions_owner on aura_sessions (owner, begun);
create index if not exists aura_sessions_elsewhere on aura_sessions (elsewhere) where elsewhere is not null;
create index if not exists aura_sessions_ends on aura_sessions (ends);
create table if not exists aura_generations (
    owner bytea not null primary key,
    generation bigint not null
);
-- What limits count. A number means nothing once it has expired.
create table if not exists aura_counts (
    key bytea not null primary key,
    number bigint not null,
    expires bigint not null
);
create index if not exists aura_counts_expires on aura_counts (expires);
