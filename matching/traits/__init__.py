"""The trait vocabulary: which questions are asked, which answers are allowed, and how similar two answers are.

Every answer passes through `TraitCatalogue.clean`, so the rest of the package sees only values that the catalogue knows.
Imports only the standard library, so that accounts and stories can share it without loading numpy.
"""

from matching.traits.catalogue import TraitCatalogue
from matching.traits.templates import InvalidTemplate, SentenceTemplates
from matching.traits.types import (
    Answer,
    Answers,
    CategoryTrait,
    InvalidAnswer,
    InvalidCatalogue,
    NumericTrait,
    OrdinalTrait,
    SetTrait,
    Trait,
)

__all__ = [
    "Answer",
    "Answers",
    "CategoryTrait",
    "InvalidAnswer",
    "InvalidCatalogue",
    "InvalidTemplate",
    "NumericTrait",
    "OrdinalTrait",
    "SentenceTemplates",
    "SetTrait",
    "Trait",
    "TraitCatalogue",
]
