-- params: none
-- returns: rows and an order-independent checksum by table of schema app
select 'users' as name, count(*) as n_rows, sum(hashtext(t::text)::bigint) as checksum
from app.users as t
union all
select 'conversations', count(*), sum(hashtext(t::text)::bigint) from app.conversations as t
union all
select 'conversation_users', count(*), sum(hashtext(t::text)::bigint)
from app.conversation_users as t
union all
select 'messages', count(*), sum(hashtext(t::text)::bigint) from app.messages as t
union all
select 'attachments', count(*), sum(hashtext(t::text)::bigint) from app.attachments as t
union all
select 'message_reads', count(*), sum(hashtext(t::text)::bigint) from app.message_reads as t
