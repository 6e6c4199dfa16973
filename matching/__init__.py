"""Who is in the same boat: similarity, engines, gates, slates and reasons, in plain Python.

Everything public can be imported from here. What needs numpy or scikit-learn is loaded on first use, so that
`import matching` and `import matching.traits` stay cheap for web servers and commands.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.eligibility import refusal as refusal
    from matching.engines.postgres import PostgresEngine as PostgresEngine
    from matching.engines.reference import SklearnEngine as SklearnEngine
    from matching.engines.scan import ScanEngine as ScanEngine
    from matching.facts import ModelKind as ModelKind
    from matching.facts import Outcome as Outcome
    from matching.facts import StoryFacts as StoryFacts
    from matching.facts import ViewerFacts as ViewerFacts
    from matching.matcher import Match as Match
    from matching.matcher import Matcher as Matcher
    from matching.neighbours import NeutralNeighbors as NeutralNeighbors
    from matching.reasons import Explanation as Explanation
    from matching.reasons import Reason as Reason
    from matching.reasons import explain as explain
    from matching.relevance import Candidate as Candidate
    from matching.relevance import Evidence as Evidence
    from matching.slate import Candidates as Candidates
    from matching.slate import Slate as Slate
    from matching.slate import SlatePolicy as SlatePolicy
    from matching.slate import slate_seed as slate_seed
    from matching.slate import within_gates as within_gates
    from matching.traits import Answers as Answers
    from matching.traits import TraitCatalogue as TraitCatalogue

_HOMES = {
    "Answers": "matching.traits",
    "Candidate": "matching.relevance",
    "Candidates": "matching.slate",
    "Evidence": "matching.relevance",
    "Explanation": "matching.reasons",
    "Match": "matching.matcher",
    "Matcher": "matching.matcher",
    "ModelKind": "matching.facts",
    "NeutralNeighbors": "matching.neighbours",
    "Outcome": "matching.facts",
    "PostgresEngine": "matching.engines.postgres",
    "Reason": "matching.reasons",
    "ScanEngine": "matching.engines.scan",
    "SklearnEngine": "matching.engines.reference",
    "Slate": "matching.slate",
    "SlatePolicy": "matching.slate",
    "StoryFacts": "matching.facts",
    "TraitCatalogue": "matching.traits",
    "ViewerFacts": "matching.facts",
    "explain": "matching.reasons",
    "refusal": "matching.eligibility",
    "slate_seed": "matching.slate",
    "within_gates": "matching.slate",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605  # one list of names, not two that may part


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
