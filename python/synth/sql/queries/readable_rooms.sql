-- name: readable_rooms
-- params: none
-- returns: n_others bigint, n_messages bigint: messages by the number of possible readers
select
    n_members - 1 as n_others,
    sum(n_messages)::bigint as n_messages
from {work}.conversation
where n_messages > 0
group by n_members
order by n_members
