"""Extraction: build the shape inside the boundary, then write pack and manifest."""
