{#
window_filter(sent_at, relation, window_days, as_of)
sent_at      column to restrict
relation     CTE with one row: window_start, as_of
window_days  number of days, or all
as_of        the var: null where the window ends with the latest message
returns      a condition. A side that cannot exclude a row is left out, since the planner takes
             an unknown bound for a selective one
#}
{%- macro window_filter(sent_at, relation, window_days, as_of) -%}
{%- set sides = [] -%}
{%- if window_days | string != 'all' -%}
    {%- do sides.append(sent_at ~ ' >= (select ' ~ relation ~ '.window_start from ' ~ relation ~ ')') -%}
{%- endif -%}
{%- if as_of is not none -%}
    {%- do sides.append(sent_at ~ ' <= (select ' ~ relation ~ '.as_of from ' ~ relation ~ ')') -%}
{%- endif -%}
{{ sides | join(' and ') if sides else sent_at ~ ' is not null' }}
{%- endmacro -%}
