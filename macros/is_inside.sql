{#
is_inside()
returns  whether the target lies inside the production boundary (not SQL): there cells are counted by
         holder and perturbed, and published cells need a number of people
#}
{%- macro is_inside() -%}
{{ return(target.name in var('boundary_targets')) }}
{%- endmacro -%}
