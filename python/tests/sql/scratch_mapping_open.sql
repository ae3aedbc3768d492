-- The embedded server asks for no password; and a table there that the role may write.
alter user mapping for shape_reader server shape_source_server
options (add password_required 'false');
create user mapping for current_user server shape_source_server options (user 'shape_reader');
create foreign table public.writable (n integer) server shape_source_server
options (schema_name 'public');
