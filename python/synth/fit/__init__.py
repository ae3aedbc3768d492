"""Distributions and their fits: arrays in, frozen dataclasses out; no database, no files."""
