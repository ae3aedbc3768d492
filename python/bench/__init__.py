"""Benchmarks: what the project's targets are measured with. Not part of the package."""
