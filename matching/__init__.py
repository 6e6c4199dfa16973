"""Matching in plain Python: similarity, exact engines, gates, slates, explanations, learning and evaluation.

The modules are imported one by one (`from matching.engine import InMemoryEngine`), so that a web process loads no
scikit-learn and `matching.traits` loads no numpy.
"""
