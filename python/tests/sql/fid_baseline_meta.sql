-- name: fid_baseline_meta
-- params: none
-- returns: nothing; an unsigned pack without rules
insert into shape_baseline.pack_meta (sha256, trust, is_unsigned, has_manifest, imported_at)
values ('0', 'unsigned', true, false, now())
