{#
finite_burstiness(mean, sd, n)
mean     mean gap of a conversation
sd       population standard deviation of its gaps
n        number of its gaps
returns  float8 in [-1, 1]: A_n of Kim & Jo 2016, eq. 22; null where every gap is 0.
         Numerator and denominator are multiplied by the mean, which saves a division
#}
{%- macro finite_burstiness(mean, sd, n) -%}
(sqrt({{ n }} + 1) * {{ sd }} - sqrt({{ n }} - 1) * {{ mean }})
/ nullif((sqrt({{ n }} + 1) - 2) * {{ sd }} + sqrt({{ n }} - 1) * {{ mean }}, 0)
{%- endmacro -%}
