-- name: text_at
-- params: none
-- returns: nothing; makes text_at(corpus, first, length), a stretch of an ASCII text in bytes,
--          counted from 1
-- Inlined, so it costs nothing by itself. One that another role made may be no one else's to call.
create function {work}.text_at(p_corpus bytea, p_first integer, p_length integer)
returns text
language sql
stable
parallel safe
return convert_from(substring(p_corpus, p_first, p_length), 'UTF8')
