"""Questions about identity: never inferred, and without weight unless the person chooses one."""

from django.utils.translation import gettext_noop as _

from matching.traits import CategoryTrait, SentenceTemplates

IDENTITY = [
    CategoryTrait(
        key="gender",
        label=_("gender"),
        question=_("What is your gender?"),
        identity=True,
        levels=(("woman", _("a woman")), ("man", _("a man")), ("nonbinary", _("non-binary"))),
        templates=SentenceTemplates(shared=_("Also {value}."), differs=_("Is {theirs}.")),
    ),
    CategoryTrait(
        key="disability",
        label=_("disability"),
        question=_("Do you consider yourself disabled?"),
        identity=True,
        levels=(("no", _("not disabled")), ("yes", _("disabled"))),
        templates=SentenceTemplates(
            shared_by_level={"no": _("Not disabled either."), "yes": _("Also disabled.")},
            differs_by_level={"no": _("Not disabled."), "yes": _("Disabled.")},
        ),
    ),
    CategoryTrait(
        key="faith",
        label=_("faith"),
        question=_("Do you have a faith?"),
        identity=True,
        levels=(
            ("none", _("no faith")),
            ("christian", _("Christian")),
            ("muslim", _("Muslim")),
            ("jewish", _("Jewish")),
            ("hindu", _("Hindu")),
            ("buddhist", _("Buddhist")),
            ("other", _("another faith")),
        ),
        templates=SentenceTemplates(
            shared=_("Shares your answer on faith: {value}."), differs=_("On faith: {theirs}.")
        ),
    ),
]
