{#
epoch_seconds(moment)
moment   timestamptz
returns  float8: seconds since 1970-01-01 00:00 UTC, whatever the session's time zone. What
         date_part('epoch', moment) gives, bit for bit, in a fraction of its time: that one reads the
         name of the field again for every row. The function is the one by which PostgreSQL
         measures ranges of moments
#}
{%- macro epoch_seconds(moment) -%}
tstzrange_subdiff({{ moment }}, timestamptz '1970-01-01 00:00:00+00')
{%- endmacro -%}
