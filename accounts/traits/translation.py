"""The trait catalogue in the active language."""

from dataclasses import replace
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.traits import (
    CategoryTrait,
    NumericTrait,
    OrdinalTrait,
    SentenceTemplates,
    SetTrait,
    Trait,
    TraitCatalogue,
)

LIST_TEMPLATE = gettext_noop("{items} and {last}")


def translated_catalogue() -> TraitCatalogue:
    return _catalogue_in(translation.get_language() or settings.LANGUAGE_CODE)


@cache
def _catalogue_in(language: str) -> TraitCatalogue:
    with translation.override(language):
        return TraitCatalogue(_translate_trait(trait) for trait in TRAIT_CATALOGUE)


def _translate_trait(trait: Trait) -> Trait:
    translated = replace(
        trait,
        label=gettext(trait.label),
        question=gettext(trait.question),
        templates=_translate_templates(trait.templates),
    )
    if isinstance(translated, NumericTrait):
        unit, unit_singular = _translate(translated.unit), _translate(translated.unit_singular)
        return replace(translated, unit=unit, unit_singular=unit_singular)
    if isinstance(translated, SetTrait):
        translated = replace(translated, list_template=gettext(LIST_TEMPLATE))
    if isinstance(translated, CategoryTrait | OrdinalTrait | SetTrait):
        return replace(translated, levels=tuple((key, gettext(label)) for key, label in translated.levels))
    return translated


def _translate_templates(templates: SentenceTemplates) -> SentenceTemplates:
    return SentenceTemplates(
        shared=_translate(templates.shared),
        shared_by_level={key: gettext(text) for key, text in templates.shared_by_level.items()},
        near=_translate(templates.near),
        differs=_translate(templates.differs),
        differs_by_level={key: gettext(text) for key, text in templates.differs_by_level.items()},
        more=_translate(templates.more),
        less=_translate(templates.less),
    )


def _translate(text: str) -> str:
    """An empty message must not reach gettext, which would return the header of the catalogue."""
    return gettext(text) if text else ""
