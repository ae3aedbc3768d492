select secret from shape_key.pseudonym_key
