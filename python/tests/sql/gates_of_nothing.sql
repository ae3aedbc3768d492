-- A project without gates, all of it built by one run.
do $$
declare
    v_told record;
    v_name text;
begin
    update shape.shape_build set gates = '{}';
    select * into v_told from shape.shape_build;
    foreach v_name in array v_told.relations loop
        execute format(
            'comment on %s shape.%I is %L',
            case when v_name like 'stg\_%' then 'view' else 'table' end, v_name,
            format(
                'prodshape: built by dbt, oid %s, run %s',
                format('shape.%I', v_name)::regclass::oid, v_told.invocation_id
            )
        );
    end loop;
end
$$
