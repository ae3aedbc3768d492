-- name: text_at_both
-- params: corpus bytea
-- returns: one row: stretches cut by text_at and text_at_superuser, and how many of them differ
select
    count(*) as n_stretches,
    count(*) filter (
        where plain.stretch is distinct from quick.stretch
        or octet_length(plain.stretch)
        != least(wanted.n_bytes, octet_length(%(corpus)s::bytea) - wanted.first_byte + 1)
    ) as n_different
from (
    select
        first_byte,
        n_bytes
    from generate_series(1, octet_length(%(corpus)s::bytea), 7) as first_byte
    cross join unnest(array[0, 1, 2, 126, 127, 128, 500, 1999, 2000, 2001, 5080, 9000]) as n_bytes
) as wanted
cross join lateral (
    select text_at.text_at(%(corpus)s::bytea, first_byte, n_bytes) as stretch
) as plain
cross join lateral (
    select text_at_superuser.text_at(%(corpus)s::bytea, first_byte, n_bytes) as stretch
) as quick
