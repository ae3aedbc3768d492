-- name: ledger_planted
-- params: one column's value after the other; the rest as synth would write it
insert into prodshape_ledger.release
select (jsonb_populate_record(known, %(changed)s::jsonb)).*
from prodshape_ledger.release as known
where known.n = 1
