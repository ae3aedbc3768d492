{#
The equivalence rule (decision 0024), in one place.

fid_half_width(noise_floor)
returns  half of the confidence interval of an effect: the floor is a 99 % bound between honest
         samples (2.576 standard errors), the interval a one-sided 95 % one (1.645 of them)

fid_margin(noise_floor, threshold, widest_margin)
returns  margin the effect is held against: the threshold where the sizes can decide it, else the
         smallest margin that an honest sample passes, up to the widest one

fid_standing(effect, noise_floor, threshold, widest_margin)
returns  3 above the margin with confidence, or no effect at all (missing); 2 undecided; 1 below
         the margin with confidence; 0 too few observations to decide even the widest margin, and
         no sign of a difference
#}
{%- macro fid_half_width(noise_floor) -%}
0.64 * coalesce({{ noise_floor }}, 0)
{%- endmacro -%}

{%- macro fid_margin(noise_floor, threshold, widest_margin) -%}
least(
    greatest({{ threshold }}, 1.64 * coalesce({{ noise_floor }}, 0)),
    greatest({{ threshold }}, {{ widest_margin }})
)
{%- endmacro -%}

{%- macro fid_standing(effect, noise_floor, threshold, widest_margin) -%}
{%- set margin = fid_margin(noise_floor, threshold, widest_margin) -%}
{%- set half_width = fid_half_width(noise_floor) -%}
case
    when {{ effect }} is null then 3
    when {{ effect }} + {{ half_width }} <= {{ margin }} then 1
    when {{ effect }} - {{ half_width }} > {{ margin }} then 3
    when
        {{ effect }} <= {{ noise_floor }}
        and 1.64 * {{ noise_floor }} > greatest({{ threshold }}, {{ widest_margin }})
        then 0
    else 2
end
{%- endmacro -%}
