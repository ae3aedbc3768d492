{#
is_private()
returns  whether this build is a differentially private release (not SQL): on a boundary target, by
         vars.release: dp. Then people's rows are bounded before they are counted, noise of
         shape_noise is on every cell, and nothing else of the source reaches the shape
raises   compiler error when vars.release is no rule, or when it is dp and the window follows the
         messages
#}
{%- macro is_private() -%}
{%- if var('release') not in ('perturbed', 'dp') -%}
    {{ exceptions.raise_compiler_error(
        "release: expected perturbed or dp; pass another in --vars"
    ) }}
{%- endif -%}
{%- set is_private = is_inside() and var('release') == 'dp' -%}
{%- if is_private and (
    var('as_of') is none or per_target(var('window_days'), target.name) | string == 'all'
) -%}
    {{ exceptions.raise_compiler_error(
        "release: expected a window that is given for dp, got one that follows the messages; pass "
        ~ "as_of and a number of window_days in --vars"
    ) }}
{%- endif -%}
{{ return(is_private) }}
{%- endmacro -%}
