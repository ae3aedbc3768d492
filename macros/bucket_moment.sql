{#
bucket_moment(power, lower, upper)
power    1 or 2
lower    float8 column: lower edge of a bucket
upper    float8 column: its upper edge
returns  float8: mean of that power of a value in the bucket. Values are taken as even on a logarithmic
         scale, (u - l) / ln(u / l) for the first power; as evenly spread where the bucket begins at
         0, and as its lower edge where the upper one is 1e9 or more

In [10, 20) the mean of the first power is 14.4, in [0, 20) it is 10.
#}
{%- macro bucket_moment(power, lower, upper) -%}
case
    when {{ upper }} >= 1e9 then power({{ lower }}, {{ power }})
    when {{ lower }} <= 0 then power({{ upper }}, {{ power }}) / {{ power + 1 }}
    else
        (power({{ upper }}, {{ power }}) - power({{ lower }}, {{ power }}))
        / ({{ power }} * ln({{ upper }} / {{ lower }}))
end
{%- endmacro -%}
