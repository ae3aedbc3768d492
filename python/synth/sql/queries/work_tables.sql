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

create unlogged table {work}.drawn (
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
    first_ms bigint not null,
    last_ms bigint not null
);

create unlogged table {work}.conversation (
    conversation_id bigint not null,
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

-- Its partitions are unlogged; a partitioned table itself cannot be, since PostgreSQL 18.
-- Most messages have one reader at most: `other_readers` is null there. No column is `not null`:
-- that would take a sixth of the time of an insert, and `check_run` finds a message without time,
-- sender, type or body.
create table {work}.timeline (
    sent_ms bigint,
    message_key bigint,
    conversation_id integer,
    sender_id integer,
    type_no smallint,
    n_attachments smallint,
    reader_id integer,
    other_readers integer []
) partition by range (sent_ms);

create unlogged table {work}.slice (
    slice_no integer primary key,
    n_messages bigint not null,
    n_attachments bigint not null
);
