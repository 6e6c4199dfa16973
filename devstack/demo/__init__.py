"""Fictional stories with synthesised voices, so that a new installation has something to watch."""
