-- name: app_constraints
-- params: {schema} the schema that app_schema filled
-- returns: nothing; adds primary keys, foreign keys and one index per foreign key
-- No composite index beyond the primary keys: those belong to the index benchmark.

alter table {schema}.users add constraint users_pkey primary key (id);

alter table {schema}.conversations add constraint conversations_pkey primary key (id);

alter table {schema}.conversation_users
    add constraint conversation_users_pkey primary key ("conversationId", "userId");

alter table {schema}.messages add constraint messages_pkey primary key (id);

alter table {schema}.attachments add constraint attachments_pkey primary key (id);

alter table {schema}.message_reads
    add constraint message_reads_pkey primary key ("messageId", "userId");

create index "conversation_users_conversationId_idx"
    on {schema}.conversation_users ("conversationId");

create index "conversation_users_userId_idx" on {schema}.conversation_users ("userId");

create index "messages_conversationId_idx" on {schema}.messages ("conversationId");

create index "messages_senderId_idx" on {schema}.messages ("senderId");

create index "attachments_messageId_idx" on {schema}.attachments ("messageId");

create index "message_reads_messageId_idx" on {schema}.message_reads ("messageId");

create index "message_reads_userId_idx" on {schema}.message_reads ("userId");

alter table {schema}.conversation_users
    add constraint "conversation_users_conversationId_fkey"
    foreign key ("conversationId") references {schema}.conversations (id);

alter table {schema}.conversation_users
    add constraint "conversation_users_userId_fkey"
    foreign key ("userId") references {schema}.users (id);

alter table {schema}.messages
    add constraint "messages_conversationId_fkey"
    foreign key ("conversationId") references {schema}.conversations (id);

alter table {schema}.messages
    add constraint "messages_senderId_fkey"
    foreign key ("senderId") references {schema}.users (id);

alter table {schema}.attachments
    add constraint "attachments_messageId_fkey"
    foreign key ("messageId") references {schema}.messages (id);

alter table {schema}.message_reads
    add constraint "message_reads_messageId_fkey"
    foreign key ("messageId") references {schema}.messages (id);

alter table {schema}.message_reads
    add constraint "message_reads_userId_fkey"
    foreign key ("userId") references {schema}.users (id);
