-- name: others_left
-- params: none
-- returns: n_left bigint: of the five things of others_depend, those that are still there
select
    (select count(*) from pg_catalog.pg_views where viewname in ('stg_chat__messages', 'on_a_view'))
    + (select count(*) from pg_catalog.pg_matviews where matviewname = 'their_own')
    + (select count(*) from pg_catalog.pg_proc where proname = 'how_many')
    + (
        select count(*) from pg_catalog.pg_constraint
        where conrelid = to_regclass('public.notes') and contype = 'f'
    ) as n_left
