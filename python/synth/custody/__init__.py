"""Custody of packs: sign, verify, seal, explain, expire."""
