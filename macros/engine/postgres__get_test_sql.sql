{#
postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit)
main_sql                    statement of the test
fail_calc                   expression that counts its failures
warn_if, error_if, limit    as configured
returns                     two statements; dbt reads the rows of the last. Tests have no hooks, so
                            the session is set up here, as that of a model by its pre-hook
#}
{%- macro postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
{{ session_settings() }};
{{ dbt.default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro -%}
