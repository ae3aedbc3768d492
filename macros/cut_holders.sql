{#
cut_holders(grid)
grid     probabilities
returns  CTEs of shape_quantiles, of which placed has the quantiles of a series with their value and
         the number of the cut they make, steps the people and the fullest holder's share of the rows
         between a cut and the next, tops the fullest holder's share of the rows on either side of a
         quantile. Cuts are the quantiles and the edges of the buckets' parts. The CTEs kept_values,
         value_counts, series and parts are to be there
#}
{%- macro cut_holders(grid) -%}
values_by_series as (

    select
        series.series_number,
        value_counts.value,
        value_counts.n_rows,
        value_counts.people_sketch
    from value_counts
    inner join series using (metric, segment)
    where series.is_measured

),

quantiles as (

    {{ quantile_rows('values_by_series', ['series_number'], grid) }}

),

cut_values as (

    select
        series_number,
        value
    from quantiles

    union

    select
        series_number,
        part_lower as value
    from parts

),

cuts as (

    select
        series_number,
        array_agg(value order by value) as cut_values
    from cut_values
    group by series_number

),

-- Who holds the rows between one quantile, or edge of a bucket, and the next.
held_steps as (

    select
        series.series_number,
        kept_values.holder,
        width_bucket(kept_values.value, cuts.cut_values) as n_cuts_reached,
        sum(kept_values.n_rows) as n_rows,
        bit_or(kept_values.people_sketch) as people_sketch
    from kept_values
    inner join series using (metric, segment)
    inner join cuts using (series_number)
    where series.is_measured
    group by series.series_number, kept_values.holder, n_cuts_reached

),

steps as (

    select
        series_number,
        n_cuts_reached,
        {{ people_count('bit_or(people_sketch)') }} as n_people,
        {{ top_share('holder') }} as top_share
    from held_steps
    group by series_number, n_cuts_reached

),

placed as (

    select
        quantiles.*,
        width_bucket(quantiles.value, cuts.cut_values) as cut_number
    from quantiles
    inner join cuts using (series_number)

),

-- Who holds the rows at or above a quantile, and those below it.
sides as (

    select
        placed.series_number,
        placed.probability,
        held_steps.holder,
        held_steps.n_cuts_reached >= placed.cut_number as is_above,
        sum(held_steps.n_rows) as n_rows
    from placed
    inner join held_steps using (series_number)
    group by placed.series_number, placed.probability, held_steps.holder, is_above

),

side_tops as (

    select
        series_number,
        probability,
        {{ top_share('holder') }} as top_share
    from sides
    group by series_number, probability, is_above

),

tops as (

    select
        series_number,
        probability,
        max(top_share) as top_share
    from side_tops
    group by series_number, probability

)
{%- endmacro -%}
