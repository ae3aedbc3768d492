-- Enough rows, in the order of their ids.
insert into app.users (id, username)
select
    number,
    'user'
from generate_series(1000, 1599) as number;
insert into app.conversations (id, type)
select
    number,
    'GROUP_CHAT'
from generate_series(1000, 1599) as number;
insert into app.conversation_users ("conversationId", "userId")
select
    number,
    1000 + (number * 7) % 600
from generate_series(1000, 1599) as number;
insert into app.attachments (id, "messageId", type, "sizeBytes")
select
    number,
    1,
    'image',
    number
from generate_series(1000, 1599) as number;
analyze
