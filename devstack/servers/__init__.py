"""The servers Sameboat depends on, one module each."""
