revoke insert on prodshape_ledger.release from shape_reader;
