"""Sessions on disk: append-only journals, found and read again."""
