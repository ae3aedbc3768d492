-- name: scratch_user
-- params: the server and the role; user: a literal; password: a psql variable
-- returns: nothing; how the role of the scratch database logs in on the other server

create user mapping for {role} server {server}
options (user {user}, password {password})
