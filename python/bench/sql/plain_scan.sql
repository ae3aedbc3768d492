-- name: plain_scan
-- params: none
-- returns: messages and characters; what the extraction is measured in
select
    count(*),
    sum(length(content))
from app.messages;
