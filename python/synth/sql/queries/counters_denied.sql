-- name: counters_denied
-- params: none
-- returns: one row per function of a chunk's counters that the role may not call
select signature
from
    unnest(
        array[
            'lo_create(oid)',
            'lo_open(oid, integer)',
            'lo_lseek64(integer, bigint, integer)',
            'lo_unlink(oid)'
        ]
    ) as signature
where not has_function_privilege(signature, 'execute')
