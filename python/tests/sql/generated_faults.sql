-- name: generated_faults
-- params: none; the test runs one fault, looks at the checks and rolls it back
-- returns: nothing
-- Broken rules of the generator's layout, each headed by "fault: check of the generator | test of
-- dbt, or - where another fault proves it"

-- fault: exact total | -
delete from perf_synthetic.messages
where id = (
    select max(id) from perf_synthetic.messages
    where id not in (select "messageId" from perf_synthetic.attachments)
        and id not in (select "messageId" from perf_synthetic.message_reads)
);

-- fault: conversation ends with its last message | layout_messages_fit
update perf_synthetic.conversations
set "updatedAt" = "updatedAt" + interval '1 second'
where id = (select min("conversationId") from perf_synthetic.messages);

-- fault: conversation ends with its last message | layout_messages_fit
update perf_synthetic.conversations
set "createdAt" = "updatedAt" + interval '1 hour'
where id = (select min("conversationId") from perf_synthetic.messages);

-- fault: senders are members who have joined | layout_messages_fit
update perf_synthetic.conversation_users as members
set "joinedAt" = messages."createdAt" + interval '1 second'
from perf_synthetic.messages as messages
where
    messages.id = (select min(id) from perf_synthetic.messages)
    and members."conversationId" = messages."conversationId"
    and members."userId" = messages."senderId";

-- fault: senders are members who have joined | layout_messages_fit
update perf_synthetic.messages as messages
set "senderId" = (
    select min(users.id) from perf_synthetic.users as users
    where users.id not in (
        select "userId" from perf_synthetic.conversation_users as members
        where members."conversationId" = messages."conversationId"
    )
)
where id = (select max(id) from perf_synthetic.messages);

-- fault: senders are active | layout_messages_fit
update perf_synthetic.conversation_users as members
set "isActive" = false
from perf_synthetic.messages as messages
where
    messages.id = (select min(id) from perf_synthetic.messages)
    and members."conversationId" = messages."conversationId"
    and members."userId" = messages."senderId";

-- fault: senders are members who have joined | layout_messages_fit
update perf_synthetic.messages
set "senderId" = null
where id = (select max(id) from perf_synthetic.messages);

-- fault: senders are members who have joined | -
update perf_synthetic.messages
set "createdAt" = null
where id = (
    select min(id) from perf_synthetic.messages
    where id > (select min(id) from perf_synthetic.messages)
);

-- fault: messages have a type and a body | layout_messages_fit
update perf_synthetic.messages
set type = null
where id = (select min(id) from perf_synthetic.messages);

-- fault: messages have a type and a body | layout_messages_fit
update perf_synthetic.messages
set content = null
where id = (select max(id) from perf_synthetic.messages);

-- fault: every conversation has members, and one of them is its owner | layout_members_fit
update perf_synthetic.conversation_users
set role = 'MEMBER'
where "conversationId" = 1;

-- fault: every conversation has members, and one of them is its owner | layout_members_fit
update perf_synthetic.conversation_users
set role = 'GUEST'
where
    ("conversationId", "userId")
    = (
        select "conversationId", "userId" from perf_synthetic.conversation_users
        where role = 'MEMBER'
        limit 1
    );

-- fault: every conversation has members, and one of them is its owner | layout_members_fit
insert into perf_synthetic.conversations (id, "createdAt", "updatedAt")
select max(id) + 1, max("createdAt"), max("createdAt") from perf_synthetic.conversations;

-- fault: members join after the account and the conversation exist | layout_members_fit
update perf_synthetic.conversation_users as members
set "joinedAt" = conversations."createdAt" - interval '1 second'
from perf_synthetic.conversations as conversations
where conversations.id = 1 and members."conversationId" = 1;

-- fault: usernames and e-mail addresses are unique | layout_no_duplicates
update perf_synthetic.users
set username = (select username from perf_synthetic.users where id = 1)
where id = 2;

-- fault: usernames and e-mail addresses are unique | layout_no_duplicates
update perf_synthetic.users
set email = (select email from perf_synthetic.users where id = 1)
where id = 2;

-- fault: e-mail addresses are reserved ones | layout_no_duplicates
update perf_synthetic.users
set email = 'someone@example.com.invalid'
where id in (1, 2);

-- fault: message ids are in time order | -
update perf_synthetic.messages
set "createdAt" = "createdAt" + interval '1 second'
where id = (
    select min(id)
    from (
        select
            id,
            "conversationId",
            "createdAt",
            lead("createdAt") over (order by id) as next_at,
            lead(id) over (partition by "conversationId" order by id) as next_id
        from perf_synthetic.messages
    ) as steps
    -- Not the last of its conversation, nor read or answered within that second.
    where next_at < "createdAt" + interval '1 second' and next_id is not null
        and id not in (select "messageId" from perf_synthetic.message_reads)
        and id not in (select "messageId" from perf_synthetic.attachments)
);

-- fault: receipts are by other members, after the message | layout_receipts_fit
update perf_synthetic.message_reads
set "readAt" = null
where "messageId" = (select min("messageId") from perf_synthetic.message_reads);

-- fault: receipts are by other members, after the message | layout_receipts_fit
update perf_synthetic.message_reads
set "readAt" = "readAt" - interval '1 year'
where "messageId" = (select min("messageId") from perf_synthetic.message_reads);

-- fault: receipts are by other members, after the message | layout_receipts_fit
update perf_synthetic.message_reads as reads
set "userId" = messages."senderId"
from perf_synthetic.messages as messages
where
    messages.id = reads."messageId"
    and messages.id = (
        select "messageId" from perf_synthetic.message_reads
        group by "messageId"
        having count(*) = 1
        order by "messageId"
        limit 1
    );

-- fault: receipts are by other members, after the message | layout_receipts_fit
update perf_synthetic.message_reads as reads
set "userId" = (
    select min(users.id)
    from perf_synthetic.users as users
    where users.id not in (
        select members."userId"
        from perf_synthetic.conversation_users as members
        inner join perf_synthetic.messages as messages
            on members."conversationId" = messages."conversationId"
        where messages.id = reads."messageId"
    )
)
where
    "messageId" = (
        select "messageId" from perf_synthetic.message_reads
        group by "messageId"
        having count(*) = 1
        order by "messageId"
        limit 1
    );

-- fault: receipts are by other members, after the message | layout_receipts_fit
update perf_synthetic.message_reads
set "messageId" = -1
where "messageId" = (select min("messageId") from perf_synthetic.message_reads);

-- fault: attachments are on media messages | layout_attachments_fit
update perf_synthetic.attachments as attachments
set "messageId" = messages.id
from perf_synthetic.messages as messages
where
    messages.id = (select min(id) from perf_synthetic.messages where type = 'TEXT')
    and attachments.id = (select max(id) from perf_synthetic.attachments);

-- fault: attachments are on media messages | layout_attachments_fit
update perf_synthetic.attachments
set "createdAt" = "createdAt" - interval '1 second'
where id = (select min(id) from perf_synthetic.attachments);

-- fault: attachments are on media messages | layout_attachments_fit
update perf_synthetic.attachments
set "messageId" = -1
where id = (select min(id) from perf_synthetic.attachments);

-- fault: ids are unique | layout_no_duplicates
insert into perf_synthetic.users (id, username, email)
values (1, 'somebody', 'somebody@example.com');

-- fault: ids are unique | layout_no_duplicates
insert into perf_synthetic.messages
select * from perf_synthetic.messages
where id = (select min(id) from perf_synthetic.messages);

-- fault: ids are unique | layout_no_duplicates
insert into perf_synthetic.attachments
select * from perf_synthetic.attachments
where id = (select min(id) from perf_synthetic.attachments);

-- fault: pairs are unique | layout_no_duplicates
insert into perf_synthetic.conversation_users
select * from perf_synthetic.conversation_users
limit 1;

-- fault: pairs are unique | layout_no_duplicates
insert into perf_synthetic.message_reads
select * from perf_synthetic.message_reads
where "messageId" = (select min("messageId") from perf_synthetic.message_reads);

-- fault: members have a conversation and a user | layout_members_fit
insert into perf_synthetic.conversation_users ("conversationId", "userId", role, "isActive", "joinedAt")
values (-1, 1, 'OWNER', true, now());
