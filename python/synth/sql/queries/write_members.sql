-- name: write_members
-- params: seed bigint
-- returns: nothing; writes conversation_users; everybody joins when the conversation is made
insert into {schema}.conversation_users ("conversationId", "userId", role, "isActive", "joinedAt")
select
    {work}.as_id(2, member.conversation_id),
    {work}.as_id(1, member.user_id),
    case
        when member.sender_rank = 1 then 'OWNER'
        when synth.uniform(
            30, hashint8extended(member.user_id, conversation.draft_key)
        ) < 0.05 then 'ADMIN'
        else 'MEMBER'
    end,
    synth.uniform(31, hashint8extended(member.user_id, conversation.draft_key)) < 0.95
    or member.sender_rank <= conversation.n_senders,
    to_timestamp(conversation.created_ms / 1000.0::float8)
from {work}.member as member
inner join {work}.conversation as conversation
    on member.conversation_id = conversation.conversation_id
order by member.conversation_id, member.sender_rank
