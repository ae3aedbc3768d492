-- name: generated_break_layout
-- params: none
-- returns: nothing; breaks one rule of each layout test: an attachment of a text message, a receipt
--          by the sender, a conversation older than its last message says, two users of one name,
--          a room without owner, every other message moved to the end of the heap
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

    update perf_synthetic.users
    set username = (select username from perf_synthetic.users where id = 1)
    where id = 2;

    update perf_synthetic.conversation_users set role = 'MEMBER' where "conversationId" = 1;

    update perf_synthetic.messages set type = type where id % 2 = 0;
    analyze perf_synthetic.messages;
end
$$
