"""Sentence templates of a trait for explanations, validated when the catalogue is built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter


class InvalidTemplate(ValueError):
    """A template has a placeholder that will not be filled."""

    def __init__(self, template: str, unknown: Iterable[str]) -> None:
        self.template = template
        self.unknown_placeholders = sorted(unknown)
        super().__init__(f"{template!r} has unknown placeholders: {', '.join(self.unknown_placeholders)}")


@dataclass(frozen=True, kw_only=True)
class SentenceTemplates:
    """The sentences of one trait in an explanation; an empty template means no sentence.

    Attributes
    ----------
    shared
        Same answer, or the common members of two sets. May use ``{label}`` and ``{value}``.
    shared_by_level, differs_by_level
        A whole sentence for one level (of the teller), in place of `shared` or `differs` ("You both work nights.").
    near
        Ordered traits only: similar but not equal. May use ``{label}``.
    differs
        May use ``{label}``, ``{theirs}`` and ``{yours}``.
    more, less
        Ordered traits only: the teller is above or below the viewer. May use ``{difference}`` (a number with its unit;
        numeric traits only), ``{label}``, ``{theirs}`` and ``{yours}``.
    """

    shared: str = "Same {label}: {value}."
    shared_by_level: Mapping[str, str] = field(default_factory=dict, hash=False)
    near: str = "Close to your {label}."
    differs: str = "{label}: {theirs} for them, {yours} for you."
    differs_by_level: Mapping[str, str] = field(default_factory=dict, hash=False)
    more: str = ""
    less: str = ""

    def __post_init__(self) -> None:
        comparison_placeholders = {"label", "theirs", "yours"}
        _validate_placeholders(self.shared, {"label", "value"})
        _validate_placeholders(self.near, {"label"})
        _validate_placeholders(self.differs, comparison_placeholders)
        for template in (self.more, self.less):
            _validate_placeholders(template, comparison_placeholders | {"difference"})
        for sentence in (*self.shared_by_level.values(), *self.differs_by_level.values()):
            _validate_placeholders(sentence, set())


def _validate_placeholders(template: str, allowed: set[str]) -> None:
    placeholders = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    if unknown := placeholders - allowed:
        raise InvalidTemplate(template, unknown)
