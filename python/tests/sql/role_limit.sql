select rolconnlimit from pg_roles where rolname = 'shape_reader'
