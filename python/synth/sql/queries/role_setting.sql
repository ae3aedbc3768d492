-- name: role_setting
-- params: the role; setting, value: SQL
-- returns: nothing; a default of the role's sessions

alter role {role} set {setting} = {value}
