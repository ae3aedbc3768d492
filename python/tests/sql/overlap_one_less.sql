-- One message goes away, and nothing else changes.
delete from app.messages
where
    id = (
        select min(messages.id) from app.messages as messages
        where
            not exists (select 1 from app.attachments where "messageId" = messages.id)
            and not exists (select 1 from app.message_reads where "messageId" = messages.id)
            and messages."createdAt" > (select min("createdAt") from app.messages)
    )
