-- What a session reads and writes by.
select
    lower('A') as lowered,
    'a' = 'a'::text as is_equal,
    now()::date::text as today,
    extract(timezone from now())::integer as offset_seconds,
    timestamptz '2026-02-01 00:00:00+00' as at,
    interval '1 day 2 hours'::text as span,
    (0.1::float8 + 0.2::float8)::text as float,
    '\x00ff'::bytea::text as bytes,
    'a\b' as backslash,
    '{NULL}'::text[] as nulls,
    current_setting('transaction_isolation') as isolation,
    current_setting('client_encoding') as encoding;
