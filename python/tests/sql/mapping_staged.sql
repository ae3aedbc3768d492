with

mapped as (

    {rows}

)

select * from mapped
