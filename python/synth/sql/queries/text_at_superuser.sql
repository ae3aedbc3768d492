-- name: text_at_superuser
-- params: none
-- returns: nothing; makes text_at as in text_at, without a second copy and a check of the encoding
-- Bytes and texts lie alike, so the server's own function for bytes gives a text where it is said
-- to; only a superuser may say so. Nobody else may call it: it takes bytes that are no text, too.
create function {work}.text_at(p_corpus bytea, p_first integer, p_length integer)
returns text
language internal
immutable
strict
parallel safe
as 'bytea_substr';
revoke execute on function {work}.text_at from public
