-- Rows as the version before release rules wrote them, digests and all.
insert into prodshape_ledger.release (
    n,
    previous,
    digest,
    at,
    who,
    source,
    reads,
    window_start,
    window_end,
    cut,
    mechanism,
    pack_sha256,
    content_sha256,
    is_overlapping
)
select
    number.n,
    number.previous,
    number.digest,
    '2026-03-01 12:00:00.000001+00',
    'tok_0123456789abcdef',
    'app',
    jsonb_build_object('app', number.n),
    '2026-03-01 12:00:00.000001+00',
    '2026-03-01 12:00:00.000001+00',
    '{"k": 20, "dominance_limit": 0.8, "withheld_marginals": ["tempo"], "views": null}',
    'exact',
    lpad(number.n::text, 64, '0'),
    repeat('cd', 32),
    false
from (
    values
    (
        1,
        repeat('0', 64),
        '95aeae9d271cc5913f0401b075502117f3d82f7364c52335009fe42c6e5dbcaf'
    ),
    (
        2,
        '95aeae9d271cc5913f0401b075502117f3d82f7364c52335009fe42c6e5dbcaf',
        '82cb4ca9f1aba5f30a8941630bea1b8ad0bc6db6b06dddffd51a3dd6c3025396'
    )
) as number (n, previous, digest)
