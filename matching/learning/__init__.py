"""Learns trait weights from viewers' reports and validates them on left-out viewers."""
