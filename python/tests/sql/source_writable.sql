create table public.writable (n integer);
grant insert on public.writable to shape_reader;
