-- name: expire_run_specs
-- params: today date; sha256s text[]: packs that are past their date
-- returns: run_id, sha256, retention_until text of runs that ended and whose spec is past its date

select
    run_id,
    spec -> 'source' ->> 'pack_sha256' as sha256,
    spec -> 'source' ->> 'retention_until' as retention_until
from synth.run
where
    (
        (spec -> 'source' ->> 'retention_until')::date < %(today)s::date
        or spec -> 'source' ->> 'pack_sha256' = any(%(sha256s)s::text[])
    )
    and spec ? 'totals'
    and state <> 'running'
order by run_id
