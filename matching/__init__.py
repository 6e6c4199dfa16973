"""Who is in the same boat: similarity, engines, gates, slates and reasons, in plain Python.

Everything public can be imported from here. What needs numpy or scikit-learn is loaded on first use, so that
`import matching` and `import matching.traits` stay cheap for web servers and commands.
"""
