-- name: peer_users
-- params: none; schema is put in
-- returns: one row per account, no text but its device
select
    id,
    length(username) as username_length,
    "lastDevice" as device,
    coalesce("avatarUrl", '') != '' as has_avatar,
    coalesce(bio, '') != '' as has_bio,
    coalesce(phone, '') != '' as has_phone
from {schema}.users
