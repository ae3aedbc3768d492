-- name: standin_vacuum
-- params: {schema} the schema
-- returns: nothing; statistics for the planner and hint bits for the first readers

vacuum (analyze)
    {schema}.users,
    {schema}.conversations,
    {schema}.conversation_users,
    {schema}.messages,
    {schema}.attachments,
    {schema}.message_reads
