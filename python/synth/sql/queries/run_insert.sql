-- name: run_insert
-- params: run_id, target_schema text; seed, n_messages bigint; band text; options, spec, plan jsonb;
--         spec_sha256 text
-- returns: nothing
insert into synth.run (
    run_id, target_schema, state, seed, n_messages, band, options, spec, plan, spec_sha256
)
values (
    %(run_id)s, %(target_schema)s, 'running', %(seed)s, %(n_messages)s, %(band)s, %(options)s::jsonb,
    %(spec)s::jsonb, %(plan)s::jsonb, %(spec_sha256)s
)
