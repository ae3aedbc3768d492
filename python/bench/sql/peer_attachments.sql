-- name: peer_attachments
-- params: none; schema is put in
-- returns: one row per attachment
select
    id,
    "messageId" as message_id,
    type,
    "sizeBytes" as size_bytes
from {schema}.attachments
