do $$
begin
    execute format('alter database %I set timezone to ''Asia/Tokyo''', current_database());
    execute format('alter database %I set datestyle to ''German''', current_database());
end
$$
