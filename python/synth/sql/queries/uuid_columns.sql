-- name: uuid_columns
-- params: none
-- returns: nothing; ids and references of the empty tables become uuid
alter table {schema}.users alter column id type uuid using null;

alter table {schema}.conversations alter column id type uuid using null;

alter table {schema}.conversation_users
    alter column "conversationId" type uuid using null,
    alter column "userId" type uuid using null;

alter table {schema}.messages
    alter column id type uuid using null,
    alter column "conversationId" type uuid using null,
    alter column "senderId" type uuid using null;

alter table {schema}.attachments
    alter column id type uuid using null,
    alter column "messageId" type uuid using null;

alter table {schema}.message_reads
    alter column "messageId" type uuid using null,
    alter column "userId" type uuid using null;
