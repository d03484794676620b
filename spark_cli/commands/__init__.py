"""Slash commands: a line in, ops and notices out."""
