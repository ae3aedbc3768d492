{#
epoch_seconds(moment)
moment   timestamptz
returns  float8: seconds since 1970-01-01 00:00 UTC, whatever the session's time zone
#}
{%- macro epoch_seconds(moment) -%}
date_part('epoch', {{ moment }})
{%- endmacro -%}
