-- The sessions, and the generation of each user who was ever revoked. Times are milliseconds since 1970.
create table if not exists aura_sessions (
    key blob not null primary key,
    owner blob not null,
    elsewhere blob,
    version integer not null,
    generation integer not null,
    begun integer not null,
    seen integer not null,
    ends integer not null,
    face blob not null,
    body blob not null
);
create index if not exists aura_sessions_owner on aura_sessions (owner, begun);
create index if not exists aura_sessions_elsewhere on aura_sessions (elsewhere) where elsewhere is not null;
create index if not exists aura_sessions_ends on aura_sessions (ends);
create table if not exists aura_generations (
    owner blob not null primary key,
    generation integer not null
) without rowid;
-- What limits count. A number means nothing once it has expired.
create table if not exists aura_counts (
    key blob not null primary key,
    number integer not null,
    expires integer not null
) without rowid;
create index if not exists aura_counts_expires on aura_counts (expires);
