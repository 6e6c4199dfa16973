"""A field for each kind of trait, with the trait's own question and choices; no answer is ever required."""

from django import forms

from matching.traits.catalogue import CategoryTrait, NumericTrait, OrdinalTrait, SetTrait

UNANSWERED_CHOICE = ("", "Rather not say")


def field_for_trait(trait: object) -> forms.Field:
    match trait:
        case NumericTrait():
            return forms.FloatField(
                label=trait.question,
                required=False,
                widget=forms.NumberInput(
                    attrs={"min": trait.minimum, "max": trait.maximum, "step": trait.step, "class": "short"}
                ),
                help_text=f"In {trait.unit}.",
            )
        case SetTrait():
            return forms.MultipleChoiceField(
                label=trait.question,
                required=False,
                choices=trait.levels,
                widget=forms.CheckboxSelectMultiple,
            )
        case OrdinalTrait() | CategoryTrait():
            return forms.ChoiceField(
                label=trait.question, required=False, choices=[UNANSWERED_CHOICE, *trait.levels]
            )
    raise TypeError(f"there is no way yet to ask for {trait!r}")
