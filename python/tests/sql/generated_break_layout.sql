-- name: generated_break_layout
-- params: none
-- returns: nothing; one attachment of a text message, one receipt by the sender, one conversation
--          that is not as old as its last message says
do $$
begin
    update perf_synthetic.attachments
    set "messageId" = (select min(id) from perf_synthetic.messages where type = 'TEXT')
    where id = (select min(id) from perf_synthetic.attachments);

    update perf_synthetic.message_reads as reads
    set "userId" = messages."senderId"
    from perf_synthetic.messages as messages
    where
        reads."messageId" = messages.id
        and messages.id = (select min("messageId") from perf_synthetic.message_reads)
        and reads."userId" = (
            select min("userId") from perf_synthetic.message_reads where "messageId" = messages.id
        );

    update perf_synthetic.conversations
    set "updatedAt" = "updatedAt" + interval '1 second'
    where id = (select min("conversationId") from perf_synthetic.messages);
end
$$
