-- name: validation_keep
-- params: name, run_id, target_schema, pack_sha256 text; report, cells, manifest json as text
-- returns: nothing; the validation takes the place of an earlier one of its name
insert into synth.validation (
    name, run_id, target_schema, pack_sha256, report, cells, manifest
)
values (
    %(name)s::text, %(run_id)s::text, %(target_schema)s::text, %(pack_sha256)s::text,
    %(report)s::jsonb, %(cells)s::jsonb, %(manifest)s::jsonb
)
on conflict (name) do update set
    run_id = excluded.run_id,
    target_schema = excluded.target_schema,
    pack_sha256 = excluded.pack_sha256,
    report = excluded.report,
    cells = excluded.cells,
    manifest = excluded.manifest,
    validated_at = clock_timestamp()
