"""The trade journal and everything that is derived from it."""
