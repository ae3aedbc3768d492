select n_rows > 0 as is_there from bi.kept
