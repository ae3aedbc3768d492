{#
activity_seconds(epoch, relation)
epoch     float8 inside the window: seconds since 1970-01-01 00:00 UTC
relation  CTE with one row for each hour of the window: hour_number, rate, intercept
returns   float8: activity time, the integral of the weekly rate from Monday 1970-01-05 00:00 UTC.
          Within an hour that is a straight line; the lines are read into two arrays once for the
          statement, so that a row costs two look-ups
#}
{%- macro activity_seconds(epoch, relation) -%}
{%- set position -%}
cast(floor({{ epoch }} / 3600) as integer)
    - (select min(hour_number) from {{ relation }}) + 1
{%- endset -%}
((select array_agg(intercept order by hour_number) from {{ relation }}))[{{ position }}]
+ ((select array_agg(rate order by hour_number) from {{ relation }}))[{{ position }}] * {{ epoch }}
{%- endmacro -%}
