-- What the transaction of a chunk holds before its entry is checked against the runs.
lock table synth.chunk in row exclusive mode
