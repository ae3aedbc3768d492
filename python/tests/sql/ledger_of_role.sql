alter table prodshape_ledger.release owner to shape_reader;
alter schema prodshape_ledger owner to shape_reader;
