-- name: generated_violations
-- params: none
-- returns: rows that break a rule of the synthetic tables, by rule; all must be 0
select
    (
        select count(*)
        from perf_synthetic.messages as messages
        left join perf_synthetic.conversation_users as members
            on
                messages."conversationId" = members."conversationId"
                and messages."senderId" = members."userId"
        where members."userId" is null or messages."createdAt" < members."joinedAt"
    ) as senders_outside,
    (
        select count(*)
        from perf_synthetic.message_reads as reads
        inner join perf_synthetic.messages as messages on reads."messageId" = messages.id
        left join perf_synthetic.conversation_users as members
            on
                messages."conversationId" = members."conversationId"
                and reads."userId" = members."userId"
        where
            members."userId" is null
            or reads."userId" = messages."senderId"
            or reads."readAt" < messages."createdAt"
    ) as reads_impossible,
    (
        select count(*)
        from perf_synthetic.attachments as attachments
        inner join perf_synthetic.messages as messages on attachments."messageId" = messages.id
        where messages.type = 'TEXT' or attachments."createdAt" <> messages."createdAt"
    ) as attachments_impossible,
    (
        select count(*)
        from perf_synthetic.users
        where email !~ '@example\.(com|net|org)$'
    ) as mails_outside_reserved_domains
