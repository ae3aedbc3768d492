delete from shape.int_secret
