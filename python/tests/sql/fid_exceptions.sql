-- name: fid_exceptions
-- params: rows jsonb, an array of objects with the columns of the seed
-- returns: nothing; they become the seed's rows
with

emptied as (

    delete from shape.exceptions

)

insert into shape.exceptions
select given.*
from jsonb_to_recordset(%(rows)s::jsonb) as given (
    check_name text, segment text, accepted_effect text, until text, decided_by text, reason text
)
