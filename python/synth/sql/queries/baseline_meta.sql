-- name: baseline_meta
-- params: the columns of shape_baseline.pack_meta but imported_at
-- returns: nothing

insert into shape_baseline.pack_meta (
    sha256,
    schema_version,
    k,
    window_days,
    n_suppressed,
    is_unsigned,
    trust,
    retention_until,
    has_manifest,
    as_of,
    extracted_at,
    imported_at
)
values (
    %(sha256)s::text,
    %(schema_version)s::text,
    %(k)s::integer,
    %(window_days)s::integer,
    %(n_suppressed)s::integer,
    %(is_unsigned)s::boolean,
    %(trust)s::text,
    %(retention_until)s::date,
    %(has_manifest)s::boolean,
    %(as_of)s::date,
    %(extracted_at)s::timestamptz,
    now()
)
