{#
window_start(as_of, window_days)
as_of        timestamptz: last moment of the window
window_days  number of days
returns      timestamptz: first moment of the window
#}
{%- macro window_start(as_of, window_days) -%}
{{ as_of }} - {{ window_days | float }} * interval '1 day'
{%- endmacro -%}
