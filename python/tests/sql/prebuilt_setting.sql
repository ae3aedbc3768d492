-- name: prebuilt_setting
-- params: name, value
-- returns: the value; what dbt's pre-hook sets, for this session
select set_config(%(name)s, %(value)s, false)
