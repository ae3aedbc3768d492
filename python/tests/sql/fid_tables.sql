-- name: fid_tables
-- params: none
-- returns: nothing; makes the tables the fidelity models read, empty
create schema if not exists shape;
comment on schema shape is 'prodshape: the synthetic shape';
create schema if not exists shape_baseline;

create table if not exists shape.shape_metrics (
    entity text,
    metric text,
    segment text,
    kind text,
    label text,
    bucket_lower float8,
    bucket_upper float8,
    value float8,
    unit text,
    n_rows bigint,
    n_people integer,
    is_suppressed boolean
);

create table if not exists shape_baseline.shape_metrics (like shape.shape_metrics);

create table if not exists shape.shape_window (
    sample_window_days integer,
    first_day date,
    last_day date
);

-- As dbt would have built them.
do $$
declare
    v_table regclass;
begin
    foreach v_table in array array['shape.shape_metrics', 'shape.shape_window']::regclass[] loop
        execute format(
            'comment on table %s is %L',
            v_table,
            format('prodshape: built by dbt, oid %s, run none', v_table::oid)
        );
    end loop;
end
$$;

create table if not exists shape_baseline.pack_meta (
    sha256 text,
    as_of date,
    window_days integer,
    k integer,
    imported_at timestamptz,
    is_unsigned boolean
);

truncate shape.shape_metrics, shape_baseline.shape_metrics;
truncate shape.shape_window, shape_baseline.pack_meta;

insert into shape.shape_window (sample_window_days) values (30);

insert into shape_baseline.pack_meta (sha256, window_days, k) values ('0', 30, 20);
