"""The pack: the one file that leaves the boundary, with its manifest beside it."""
