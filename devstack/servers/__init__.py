"""The servers that Sameboat leans on, one module for each."""
