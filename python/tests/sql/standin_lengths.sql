-- params: none
-- returns: n_known and n_characters of message bodies
select count(content) as n_known, coalesce(sum(length(content)), 0) as n_characters
from app.messages
