-- name: owned_quoted
-- params: none
-- returns: nothing; a database where identifiers are always quoted
do $$
begin
    execute format('alter database %I set quote_all_identifiers = on', current_database());
end
$$;
