-- name: generated_conversations
-- params: none
-- returns: times, messages, members and senders of every synthetic conversation
select
    conversations.type,
    round(extract(epoch from conversations."createdAt") * 1000)::bigint as created_ms,
    round(extract(epoch from conversations."updatedAt") * 1000)::bigint as last_ms,
    coalesce(messages.n_messages, 0) as n_messages,
    coalesce(messages.n_senders, 0) as n_senders,
    coalesce(messages.n_busiest, 0) as n_busiest,
    members.n_members
from perf_synthetic.conversations as conversations
left join (
    select
        "conversationId" as conversation_id,
        count(*) as n_members
    from perf_synthetic.conversation_users
    group by "conversationId"
) as members on conversations.id = members.conversation_id
left join (
    select
        conversation_id,
        sum(n_sent)::bigint as n_messages,
        count(*) as n_senders,
        max(n_sent) as n_busiest
    from (
        select
            "conversationId" as conversation_id,
            count(*) as n_sent
        from perf_synthetic.messages
        group by "conversationId", "senderId"
    ) as senders
    group by conversation_id
) as messages on conversations.id = messages.conversation_id
order by 2, 3, 4, 1
