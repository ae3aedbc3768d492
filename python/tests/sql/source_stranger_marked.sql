-- The same where the shape is built, too.
comment on schema shape is 'prodshape: the shape'
