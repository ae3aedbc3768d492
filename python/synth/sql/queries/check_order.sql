-- name: check_order
-- params: none; for ids that follow time, as all but uuid v4 do
-- returns: check_name text, n_bad bigint
select
    'message ids are in time order' as check_name,
    count(*) as n_bad
from (
    select "createdAt" < lag("createdAt") over (order by id) as is_earlier
    from {schema}.messages
) as steps
where is_earlier
