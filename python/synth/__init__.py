"""Prodshape: a synthetic PostgreSQL database with production's shape and none of its data."""

__version__ = "0.1.0"
