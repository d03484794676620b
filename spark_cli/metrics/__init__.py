"""Figures folded from the events of a session; nothing is ever sent anywhere."""
