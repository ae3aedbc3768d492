select viewname from pg_views where schemaname = 'shape_source'
