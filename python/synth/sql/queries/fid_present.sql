-- name: fid_present
-- params: source_schema text, shape_schema text
-- returns: has_messages, has_baseline, has_verdict boolean
select
    to_regclass(format('%%I.messages', %(source_schema)s::text)) is not null as has_messages,
    to_regclass('shape_baseline.pack_meta') is not null as has_baseline,
    to_regclass(format('%%I.fid_verdict', %(shape_schema)s::text)) is not null as has_verdict
