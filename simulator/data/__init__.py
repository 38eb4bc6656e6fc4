"""Readers of LEAN's on-disk data folder."""
