"""The user's files, repository and processes: the only doors to them."""
