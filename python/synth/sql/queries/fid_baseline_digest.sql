-- name: fid_baseline_digest
-- params: none
-- returns: sha256 text, trust text of the imported pack; trust is null for an import that knew none

select
    meta.sha256,
    to_jsonb(meta) ->> 'trust' as trust
from shape_baseline.pack_meta as meta
