"""Edits as values: parsed, placed, planned, shown, and at last applied."""
