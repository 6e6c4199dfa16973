"""Offline evaluation of rankings, lists and outcomes."""
