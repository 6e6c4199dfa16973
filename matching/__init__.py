"""Who is in the same boat: similarity, engines, gates, slates and reasons, in plain Python.

Everything public can be imported from here. What needs numpy or scikit-learn is loaded on first use, so that
`import matching` and `import matching.traits.catalogue` stay cheap for web servers and commands.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.engine import InMemoryEngine as InMemoryEngine
    from matching.engine_postgres import PostgresEngine as PostgresEngine
    from matching.explanations import Explanation as Explanation
    from matching.explanations import MatchReason as MatchReason
    from matching.explanations import explain_match as explain_match
    from matching.gates import exclusion_reason as exclusion_reason
    from matching.matcher import Match as Match
    from matching.matcher import Matcher as Matcher
    from matching.neighbours import NeutralNeighbors as NeutralNeighbors
    from matching.oracle_sklearn import SklearnEngine as SklearnEngine
    from matching.records import RoleModelKind as RoleModelKind
    from matching.records import StoryFacts as StoryFacts
    from matching.records import StoryOutcome as StoryOutcome
    from matching.records import ViewerFacts as ViewerFacts
    from matching.reranking import Candidate as Candidate
    from matching.reranking import StoryEffectEvidence as StoryEffectEvidence
    from matching.slate_policy import ComposedSlate as ComposedSlate
    from matching.slate_policy import ScoredStoryTable as ScoredStoryTable
    from matching.slate_policy import SlatePolicy as SlatePolicy
    from matching.slate_policy import apply_gates as apply_gates
    from matching.slate_policy import slate_seed as slate_seed
    from matching.traits.catalogue import Answers as Answers
    from matching.traits.catalogue import TraitCatalogue as TraitCatalogue

_MODULE_BY_NAME = {
    "Answers": "matching.traits.catalogue",
    "Candidate": "matching.reranking",
    "ScoredStoryTable": "matching.slate_policy",
    "StoryEffectEvidence": "matching.reranking",
    "Explanation": "matching.explanations",
    "InMemoryEngine": "matching.engine",
    "Match": "matching.matcher",
    "Matcher": "matching.matcher",
    "RoleModelKind": "matching.records",
    "NeutralNeighbors": "matching.neighbours",
    "StoryOutcome": "matching.records",
    "PostgresEngine": "matching.engine_postgres",
    "MatchReason": "matching.explanations",
    "SklearnEngine": "matching.oracle_sklearn",
    "ComposedSlate": "matching.slate_policy",
    "SlatePolicy": "matching.slate_policy",
    "StoryFacts": "matching.records",
    "TraitCatalogue": "matching.traits.catalogue",
    "ViewerFacts": "matching.records",
    "explain_match": "matching.explanations",
    "exclusion_reason": "matching.gates",
    "slate_seed": "matching.slate_policy",
    "apply_gates": "matching.slate_policy",
}

__all__ = sorted(_MODULE_BY_NAME)  # noqa: PLE0605  # one list of names, not two that may part


def __getattr__(name: str) -> object:
    if name not in _MODULE_BY_NAME:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    return getattr(import_module(_MODULE_BY_NAME[name]), name)
