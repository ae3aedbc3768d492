-- name: role_check
-- params: literals of the role, the shape's schema, schemas of ours (an array of views and key)
-- returns: nothing; refuses what is there already and is not what would be made, saying what to do

do $prodshape$
declare
    v_role constant text := {role_name};
    v_shape constant text := {shape_name};
    v_name text;
begin
    if exists (
        select 1 from pg_roles
        where
            rolname = v_role
            and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
    ) or exists (
        select 1
        from pg_auth_members as members
        inner join pg_roles as roles on members.member = roles.oid
        where roles.rolname = v_role
    ) then
        raise exception 'Prodshape: role % exists and may do more than read', v_role
            using hint = 'Take its rights and memberships away, or print the DDL with another --role.';
    end if;
    if exists (
        select 1
        from pg_namespace as namespaces
        inner join pg_roles as owners on namespaces.nspowner = owners.oid
        where namespaces.nspname = v_shape and owners.rolname != v_role
    ) then
        raise exception 'Prodshape: schema % exists and belongs to another role than %', v_shape, v_role
            using hint = format(
                'If it holds an earlier shape only: drop schema %I cascade. Else give the target '
                'another schema in profiles.yml and print the DDL again.', v_shape
            );
    end if;
    if exists (
        select 1
        from pg_namespace as namespaces
        inner join pg_class as classes on namespaces.oid = classes.relnamespace
        where
            namespaces.nspname = v_shape
            and coalesce(obj_description(namespaces.oid, 'pg_namespace'), '') not like 'prodshape%'
    ) then
        raise exception 'Prodshape: schema % exists with tables that Prodshape did not make', v_shape
            using hint = 'Give the target another schema in profiles.yml and print the DDL again.';
    end if;
    foreach v_name in array {our_names} loop
        if exists (
            select 1 from pg_namespace
            where
                nspname = v_name
                and coalesce(obj_description(oid, 'pg_namespace'), '') not like 'prodshape%'
        ) then
            raise exception 'Prodshape: schema % exists and is not Prodshape''s', v_name
                using hint = case v_name
                    when 'prodshape_ledger' then 'Rename it: the ledger of past packs needs the name.'
                    else 'Print the DDL with another --views-schema or --key-schema.'
                end;
        end if;
    end loop;
end
$prodshape$
