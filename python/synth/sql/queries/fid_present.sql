-- name: fid_present
-- params: source_schema text, shape_schema text, tables text[]
-- returns: missing_tables text[], in the order given; has_baseline, has_verdict boolean
select
    coalesce(
        (
            select array_agg(name.relation order by name.position)
            from unnest(%(tables)s::text[]) with ordinality as name (relation, position)
            where to_regclass(format('%%I.%%I', %(source_schema)s::text, name.relation)) is null
        ),
        array[]::text[]
    ) as missing_tables,
    to_regclass('shape_baseline.pack_meta') is not null as has_baseline,
    to_regclass(format('%%I.fid_verdict', %(shape_schema)s::text)) is not null as has_verdict
