-- name: readable_share
-- params: none
-- returns: readable_share float8: share of messages that somebody else could read
select
    coalesce(
        (sum(n_messages) filter (where n_members > 1))::float8 / nullif(sum(n_messages), 0), 0
    ) as readable_share
from {work}.conversation
