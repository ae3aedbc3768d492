"""Generate, validate, adjust what missed, again: until GO, the noise floor or no progress."""
