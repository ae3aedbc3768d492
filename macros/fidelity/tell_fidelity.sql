{#
tell_fidelity(results)
results  what dbt did, as on-run-end has it
returns  nothing; where the verdict was tested it is printed, with a line for each check that warns
         or fails and each refused row of seeds/exceptions.csv: a failed test of dbt says only how
         many rows it found
#}
{%- macro tell_fidelity(results) -%}
{%- set is_tested = results
    | selectattr('node.name', 'equalto', 'fidelity_is_go')
    | rejectattr('status', 'equalto', 'skipped')
    | list -%}
{%- if execute and is_tested -%}
    {%- set schema = adapter.quote(target.schema) -%}
    {%- set lines -%}
        select
            concat('seeds/exceptions.csv: ', check_name, ': ', problem) as line,
            1 as place,
            check_name as position
        from {{ schema }}.fid_exceptions
        where problem is not null

        union all

        select
            concat(verdict, ' ', check_name, ': ', recommendation) as line,
            2 as place,
            concat(verdict = 'WARN', check_name) as position
        from {{ schema }}.fid_checks
        where verdict in ('WARN', 'FAIL')

        union all

        select
            concat(
                case when is_go then 'GO' else 'NO-GO' end, ': headline ', headline_verdict, ' (',
                headline_passed, ' of ', headline_total, '), ', n_warn, ' warn, ', n_fail,
                ' fail (', n_critical, ' critical), ', n_pass, ' pass, ', n_excepted,
                ' excepted, ', n_skip, ' not compared'
            ) as line,
            3 as place,
            '' as position
        from {{ schema }}.fid_verdict
        order by place, position
    {%- endset -%}
    {%- for row in run_query(lines).rows -%}
        {%- do log(row['line'], info=true) -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro -%}
