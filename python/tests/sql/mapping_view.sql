create temporary view built as
with

mapped as (

    {rows}

)

select * from mapped
