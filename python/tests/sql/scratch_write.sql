insert into public.writable values (1)
