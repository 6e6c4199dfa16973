"""The sentences a trait may be spoken of with, as templates checked when the catalogue is built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter


class BadTemplate(ValueError):
    """A template names a placeholder that nothing will fill."""

    def __init__(self, template: str, unknown: Iterable[str]) -> None:
        self.template = template
        self.unknown_placeholders = sorted(unknown)
        super().__init__(f"{template!r} has unknown placeholders: {', '.join(self.unknown_placeholders)}")


@dataclass(frozen=True, kw_only=True)
class SentenceTemplates:
    """How one trait sounds in a reason. An empty template means that this is left unsaid.

    Attributes
    ----------
    shared
        Both gave the same answer, or, for a set, what both chose. May use ``{label}`` and ``{value}``.
    shared_by_level
        A whole sentence for one level, where the template would sound stiff ("You both work nights.").
    near
        Ordered traits only: alike, though not equal. May use ``{label}``.
    differs
        May use ``{label}``, ``{theirs}`` and ``{yours}``.
    differs_by_level
        A whole sentence for the teller's level, used in place of `differs`.
    more, less
        Ordered traits only: the teller stands above or below the viewer. May use ``{difference}`` (a number
        with its unit; numeric traits only), ``{label}``, ``{theirs}`` and ``{yours}``.
    """

    shared: str = "Same {label}: {value}."
    shared_by_level: Mapping[str, str] = field(default_factory=dict, hash=False)
    near: str = "Close to your {label}."
    differs: str = "{label}: {theirs} for them, {yours} for you."
    differs_by_level: Mapping[str, str] = field(default_factory=dict, hash=False)
    more: str = ""
    less: str = ""

    def __post_init__(self) -> None:
        compared = {"label", "theirs", "yours"}
        _validate_placeholders(self.shared, {"label", "value"})
        _validate_placeholders(self.near, {"label"})
        _validate_placeholders(self.differs, compared)
        for template in (self.more, self.less):
            _validate_placeholders(template, compared | {"difference"})
        for sentence in (*self.shared_by_level.values(), *self.differs_by_level.values()):
            _validate_placeholders(sentence, set())


def _validate_placeholders(template: str, allowed: set[str]) -> None:
    named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    if unknown := named - allowed:
        raise BadTemplate(template, unknown)
