-- name: run_tables
-- params: none
-- returns: nothing; run records, the ledger of finished chunks and validations, in schema synth
create schema if not exists synth;

create table if not exists synth.run (
    run_id text primary key,
    target_schema text not null,
    state text not null check (state in ('running', 'done', 'failed', 'interrupted', 'removed')),
    seed bigint not null,
    n_messages bigint not null,
    band text,
    options jsonb not null,
    spec jsonb not null,
    spec_sha256 text not null,
    plan jsonb,
    result jsonb,
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz
);

create table if not exists synth.chunk (
    run_id text not null references synth.run (run_id) on delete cascade,
    stage text not null,
    chunk_no integer not null,
    n_rows bigint not null,
    finished_at timestamptz not null default clock_timestamp(),
    primary key (run_id, stage, chunk_no)
);

-- Records of earlier versions lack them. The ledger comes first, as in the transaction of a chunk
-- of another run, or the two would wait for each other.
alter table synth.chunk add column if not exists n_units bigint;

alter table synth.run add column if not exists progress jsonb;

alter table synth.run
add column if not exists spilled jsonb not null default jsonb_build_object();

create table if not exists synth.validation (
    name text primary key,
    run_id text references synth.run (run_id) on delete cascade,
    target_schema text not null,
    pack_sha256 text not null,
    report jsonb not null,
    cells jsonb not null,
    manifest jsonb,
    validated_at timestamptz not null default clock_timestamp()
);
