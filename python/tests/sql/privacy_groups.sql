-- A model of the bucket groups as a table, from the statement that dbt compiled.
create table shape.{model} as
{statement}
