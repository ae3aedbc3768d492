-- name: analyze_tables
-- params: none
-- returns: nothing
analyze
    {schema}.users, {schema}.conversations, {schema}.conversation_users, {schema}.messages,
    {schema}.attachments, {schema}.message_reads
