-- name: write_users
-- params: n_users bigint; seed bigint; start_ms bigint (start of the window);
--         username_knots, username_intercepts, username_slopes float8[]; suffix_length integer;
--         letters text; first_names, last_names, bios text[]; device_knots float8[],
--         device_labels text[]; has_avatar, has_bio, has_phone, has_display_name float8
-- returns: nothing; writes users, older accounts first; names unique by a suffix in base 26
insert into {schema}.users (
    id, username, email, "displayName", phone, "avatarUrl", bio, "lastDevice", "createdAt",
    "updatedAt"
)
with

keyed as (

    select
        user_id,
        hashint8extended(user_id, hashint8extended(40, %(seed)s::bigint)) as user_key
    from generate_series(1, %(n_users)s::bigint) as user_id
    offset 0

),

positions as (

    select
        *,
        synth.uniform(41, user_key) as position,
        width_bucket(synth.uniform(42, user_key), %(device_knots)s::float8[]) as device_no,
        hashint8extended(43, user_key) as name_draw
    from keyed
    offset 0

),

knots as (

    select
        *,
        width_bucket(position, %(username_knots)s::float8[]) as knot_no
    from positions
    offset 0

),

named as (

    select
        *,
        substr(
            %(letters)s::text,
            1 + mod((name_draw & 1048575)::integer, 400),
            greatest(
                0,
                floor(
                    (%(username_intercepts)s::float8[])[knot_no]
                    + (position * (%(username_slopes)s::float8[])[knot_no])
                )::integer - %(suffix_length)s
            )
        ) || (
            select string_agg(chr(97 + mod(user_id / (26::numeric ^ digit_no)::bigint, 26)::integer), '')
            from generate_series(0, %(suffix_length)s - 1) as digit_no
        ) as username,
        (%(first_names)s::text[])[
            1 + mod(((name_draw >> 20) & 1048575)::integer, cardinality(%(first_names)s::text[]))
        ] as first_name,
        (%(last_names)s::text[])[
            1 + mod(((name_draw >> 40) & 1048575)::integer, cardinality(%(last_names)s::text[]))
        ] as last_name,
        to_timestamp(
            (
                %(start_ms)s
                - 86400000
                - floor((%(n_users)s - user_id + synth.uniform(44, user_key)) * 31536000000 / %(n_users)s)
            ) / 1000.0::float8
        ) as created_at
    from knots
    offset 0

)

select
    {work}.as_id(1, user_id),
    username,
    username || '@example.' || (array['com', 'net', 'org'])[1 + mod((name_draw & 1023)::integer, 3)],
    case
        when synth.uniform(45, user_key) < %(has_display_name)s then first_name || ' ' || last_name
    end,
    case
        -- An extension: too short to be anybody's number, as our own scanner agrees.
        when synth.uniform(46, user_key) < %(has_phone)s
            then 'ext. 555-' || lpad(mod(((name_draw >> 10) & 1048575)::integer, 1000)::text, 3, '0')
    end,
    case
        when synth.uniform(47, user_key) < %(has_avatar)s
            then 'https://avatars.example.com/' || username || '.png'
    end,
    case
        when synth.uniform(48, user_key) < %(has_bio)s
            then (%(bios)s::text[])[
                1 + mod((name_draw & 1048575)::integer, cardinality(%(bios)s::text[]))
            ]
    end,
    (%(device_labels)s::text[])[device_no],
    created_at,
    created_at
from named
order by user_id
