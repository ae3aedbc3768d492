-- name: expire_validations
-- params: today date; sha256s text[]: packs that are past their date
-- returns: name, sha256, retention_until text of stored validations whose pack is past its date

select
    name,
    pack_sha256 as sha256,
    manifest ->> 'retention_until' as retention_until
from synth.validation
where
    (manifest ->> 'retention_until')::date < %(today)s::date
    or pack_sha256 = any(%(sha256s)s::text[])
order by name
