-- name: fid_baseline_digest
-- params: none
-- returns: sha256 text of the imported pack
select sha256
from shape_baseline.pack_meta
