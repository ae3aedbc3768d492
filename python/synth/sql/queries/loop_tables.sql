-- name: loop_tables
-- params: none
-- returns: nothing; makes the record of rounds of `synth loop`
create schema if not exists synth;

create table if not exists synth.loop_round (
    loop_id text not null,
    round_no integer not null,
    pack_sha256 text not null,
    n_messages bigint not null,
    seed bigint not null,
    run_id text not null,
    verdict text not null,
    n_fail integer not null,
    n_warn integer not null,
    n_critical integer not null,
    excess float8 not null,
    is_best boolean not null,
    changes jsonb not null,
    spec jsonb not null,
    finished_at timestamptz not null default clock_timestamp(),
    primary key (loop_id, round_no)
);
