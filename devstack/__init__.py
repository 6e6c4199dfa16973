"""Runs Sameboat on one machine without containers, root rights or system packages.

Starts real servers from wheels and supervises them. `make run` uses it with data in `var/`, the tests with data in a
temporary folder. Only `demo` and `management` import Django.
"""
