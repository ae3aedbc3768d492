-- What an int_users made with the mapping of watched settings holds.
select
    min(username_length) as lock_timeout_seconds,
    bool_and(has_avatar) as is_work_mem_set,
    bool_and(has_bio) as is_statement_timeout_set,
    bool_and(has_phone) as is_idle_timeout_set,
    bool_and(has_display_name) as is_named,
    count(*) as n_users
from shape.int_users
