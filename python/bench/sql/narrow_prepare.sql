-- name: narrow_prepare
-- params: none
-- returns: nothing; an empty table like one partition of a run's timeline
drop schema if exists bench_narrow cascade;
create schema bench_narrow;
create unlogged table bench_narrow.narrow (
    sent_at timestamptz not null,
    message_key bigint not null,
    conversation_id integer not null,
    sender_id integer not null,
    type_no smallint not null,
    n_attachments smallint not null,
    reader_id integer,
    other_readers integer []
);
