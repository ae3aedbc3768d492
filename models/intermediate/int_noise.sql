{{ config(enabled=is_inside(), materialized='ephemeral') }}
with

noise_table as (

    select * from {{ ref('noise_table') }}

),

sample_window as (

    select * from {{ ref('int_window') }}

),

secret as (

    select * from {{ ref('int_secret') }}

),

-- Whatever changes in the source changes this, and so all noise: two packs of nearly the same rows
-- would else show which cells those rows are in.
data as (

    select sum(cell_key) as data_key from {{ ref('int_cells') }}

),

-- With each step of the noise the draws that give it, and what keys are hashed with; moments are
-- written in one way, whatever the server's.
final as (

    select
        noise_table.n_rows,
        noise_table.noise,
        coalesce(
            lag(noise_table.cumulative) over (
                partition by noise_table.n_rows order by noise_table.noise
            ), 0
        ) as draw_from,
        noise_table.cumulative as draw_below,
        max(noise_table.n_rows) over () as largest_rows,
        secret.secret,
        concat_ws(
            ' ',
            {%- for moment in ['window_start', 'as_of'] %}
            to_char(
                sample_window.{{ moment }} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'
            ),
            {%- endfor %}
            data.data_key
        ) as window_text
    from noise_table
    cross join sample_window
    cross join secret
    cross join data

)

select * from final
