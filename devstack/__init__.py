"""Everything that one machine needs to run Sameboat, without containers, root rights or system packages.

The modules here know no Django: they start real servers from wheels and watch over them. `make run` and the
tests use the same parts, in `var/` and in a temporary folder.
"""
