truncate shape_key.pseudonym_key;
insert into shape_key.pseudonym_key (secret, seed) values ('\x00', 1);
