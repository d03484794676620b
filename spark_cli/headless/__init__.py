"""The face for scripts: text, one JSON object, or JSON lines on stdout."""
