"""Turns a spec and a seed into a database, inside the server."""
