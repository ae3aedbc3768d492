-- name: index_members
-- params: none
-- returns: nothing; the look-ups of the later stages, and counts that follow dropped repeats
create index member_by_rank on {work}.member (conversation_id, sender_rank) include (user_id);
analyze {work}.member;

update {work}.conversation as conversation
set
    n_members = members.n_members,
    n_senders = least(conversation.n_senders, members.n_members)
from (
    select conversation_id, count(*) as n_members
    from {work}.member
    group by conversation_id
) as members
where
    conversation.conversation_id = members.conversation_id
    and conversation.n_members <> members.n_members;

create unique index conversation_by_id on {work}.conversation (conversation_id);
analyze {work}.conversation;
