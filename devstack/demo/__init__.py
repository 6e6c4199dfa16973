"""Made-up stories with synthesised voices, so that a fresh installation has something to watch."""
