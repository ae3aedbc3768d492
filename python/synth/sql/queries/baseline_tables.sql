-- name: baseline_tables
-- params: none
-- returns: nothing; makes the baseline's tables, which are not there (within the caller's transaction)

-- One row per cell of the imported pack.
create table shape_baseline.shape_metrics (
    entity text not null,
    metric text not null,
    segment text not null,
    kind text not null,
    label text,
    bucket_lower float8,
    bucket_upper float8,
    value float8,
    unit text not null,
    n_rows bigint,
    n_people integer,
    is_suppressed boolean not null
);

-- One row: the pack that was imported.
create table shape_baseline.pack_meta (
    sha256 text not null,
    schema_version text,
    k integer,
    window_days integer,
    n_suppressed integer,
    is_unsigned boolean not null,
    trust text not null,
    retention_until date,
    has_manifest boolean not null,
    as_of date,
    extracted_at timestamptz,
    imported_at timestamptz not null
);
