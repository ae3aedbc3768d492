drop table if exists shape.copied
