-- name: expire_baseline
-- params: today date
-- returns: sha256, retention_until text of an imported pack past its date; an import of an earlier
--          version has no date

select
    meta.sha256,
    to_jsonb(meta) ->> 'retention_until' as retention_until
from shape_baseline.pack_meta as meta
where (to_jsonb(meta) ->> 'retention_until')::date < %(today)s::date
