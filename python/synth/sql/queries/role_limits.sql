-- name: role_limits
-- params: the role
-- returns: nothing; bounds what only a superuser may set, so that the role cannot lift it

do $prodshape$
begin
    -- Of each session; raise it where an extraction ends with SQLSTATE 53400.
    alter role {role} set temp_file_limit = '20GB';
    -- An error may quote what an expression of the mapping read.
    alter role {role} set log_min_messages = 'fatal';
    alter role {role} set log_min_error_statement = 'panic';
exception
    when insufficient_privilege then
        raise warning 'Prodshape: temporary files and log of the role keep the server''s settings'
            using hint = 'Only a superuser may set them: see docs/source-mapping.md.';
end
$prodshape$
