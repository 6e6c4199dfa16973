"""Exact search by neutral similarity; two engines under one contract (see `matching.engines.contract`)."""
