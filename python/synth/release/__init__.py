"""What makes exact cells publishable: the table of noise, the guarantee, its budget."""
