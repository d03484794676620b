"""Settings: what can be set, who set it, and where it was set wrongly."""
