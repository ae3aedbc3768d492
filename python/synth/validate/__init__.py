"""Compare a synthetic database with a pack: build the checks, read them, write the report."""
