-- name: loop_round
-- params: loop_id text, round_no integer, pack_sha256 text, n_messages bigint, seed bigint,
--         run_id text, verdict text, n_fail, n_warn, n_critical integer, excess float8,
--         is_best boolean, changes, spec jsonb
-- returns: nothing; records one round
insert into synth.loop_round (
    loop_id, round_no, pack_sha256, n_messages, seed, run_id, verdict,
    n_fail, n_warn, n_critical, excess, is_best, changes, spec
)
values (
    %(loop_id)s::text, %(round_no)s::integer, %(pack_sha256)s::text, %(n_messages)s::bigint,
    %(seed)s::bigint, %(run_id)s::text, %(verdict)s::text,
    %(n_fail)s::integer, %(n_warn)s::integer, %(n_critical)s::integer, %(excess)s::float8,
    %(is_best)s::boolean, %(changes)s::jsonb, %(spec)s::jsonb
)
