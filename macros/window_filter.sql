{#
window_filter(sent_at, relation, window_days, as_of)
sent_at      column to restrict
relation     CTE that has the column: its latest moment is the window's where as_of is null
window_days  number of days, or all
as_of        the var: an ISO timestamp, a date, or null
returns      a condition. A side that cannot exclude a row is left out, since the planner takes
             an unknown bound for a selective one
#}
{%- macro window_filter(sent_at, relation, window_days, as_of) -%}
{%- set latest = '(select max(' ~ relation ~ '.' ~ sent_at ~ ') from ' ~ relation ~ ')' -%}
{%- set sides = [] -%}
{%- if window_days | string != 'all' -%}
    {%- do sides.append(sent_at ~ ' >= ' ~ window_start(window_end(as_of, latest), window_days)) -%}
{%- endif -%}
{%- if as_of is not none -%}
    {%- do sides.append(sent_at ~ ' <= ' ~ window_end(as_of, latest)) -%}
{%- endif -%}
{{ sides | join(' and ') if sides else sent_at ~ ' is not null' }}
{%- endmacro -%}
