-- name: work_tables
-- params: none
-- returns: nothing; the working tables of one run, in a schema of their own
-- Unlogged: after a server crash they are empty, which `work_is_intact` notices; what they
-- hold is a function of the spec and the seed, so it is simply made again.
create unlogged table {work}.intact (is_intact boolean not null);

create unlogged table {work}.draft (
    draft_no bigint primary key,
    type_no integer not null,
    n_messages bigint not null
);

-- A conversation before it has its number, which follows the time of its creation. Here alone stand
-- the gaps before its messages, milliseconds of activity before they are scaled.
create unlogged table {work}.drawn (
    draft_no bigint primary key,
    draft_key bigint not null,
    type_no integer not null,
    n_messages bigint not null,
    n_members integer not null,
    n_senders integer not null,
    dominance float8 not null,
    gap_segment float8 not null,
    time_scale float8 not null,
    start_activity_ms bigint not null,
    gaps_ms float8 [],
    created_ms bigint not null,
    first_ms bigint not null,
    last_ms bigint not null
);
alter table {work}.drawn alter column gaps_ms set storage external;

create unlogged table {work}.conversation (
    conversation_id bigint not null,
    draft_no bigint not null,
    draft_key bigint not null,
    type_no integer not null,
    n_messages bigint not null,
    n_members integer not null,
    n_senders integer not null,
    dominance float8 not null,
    gap_segment float8 not null,
    time_scale float8 not null,
    start_activity_ms bigint not null,
    created_ms bigint not null,
    last_ms bigint not null
);

create unlogged table {work}.person (
    user_id bigint not null,
    degree bigint not null,
    log_degree float8 not null
);

create unlogged table {work}.slot (
    slot_no bigint not null,
    conversation_id bigint not null,
    user_id bigint not null
);

create unlogged table {work}.member (
    conversation_id bigint not null,
    sender_rank integer not null,
    user_id bigint not null
);

-- What is one for all messages of a conversation: its people, in the order of who writes most, and
-- how many messages those up to each sender write.
create unlogged table {work}.room (
    conversation_id integer primary key,
    draft_key bigint not null,
    n_messages bigint not null,
    n_others integer not null,
    prime bigint not null,
    shift bigint not null,
    user_ids integer [] not null,
    ends float8 [] not null
);
alter table {work}.room alter column user_ids set storage external;
alter table {work}.room alter column ends set storage external;

-- A conversation's messages in one slice, by when they are sent. Its partitions are unlogged; a
-- partitioned table itself cannot be, since PostgreSQL 18. To compress the times would cost more
-- than to write them.
create table {work}.timeline (
    slice_no integer not null,
    conversation_id integer not null,
    first_no bigint not null,
    n_messages bigint not null,
    sent_ms bigint [] not null
) partition by list (slice_no);
alter table {work}.timeline alter column sent_ms set storage external;

create unlogged table {work}.slice (
    slice_no integer primary key,
    n_messages bigint not null
);
