-- name: truncate_tables
-- params: none
-- returns: nothing; empties the six tables of a run
truncate
    {schema}.users, {schema}.conversations, {schema}.conversation_users, {schema}.messages,
    {schema}.attachments, {schema}.message_reads
