create or replace function shape.spied(value bigint) returns boolean language plpgsql cost 0.0001
as $$
begin
    raise notice '%', value;
    return true;
end
$$
