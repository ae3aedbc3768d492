drop table public.writable
