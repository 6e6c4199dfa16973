"""Questions about everyday life."""

from django.utils.translation import gettext_noop as _

from accounts.traits.quantities import format_years
from matching.traits import CategoryTrait, NumericTrait, OrdinalTrait, SentenceTemplates

EVERYDAY = [
    NumericTrait(
        key="age",
        label=_("age"),
        question=_("How old are you?"),
        minimum=16,
        maximum=99,
        unit=_("years"),
        unit_singular=_("year"),
        format_quantity=format_years,
        templates=SentenceTemplates(
            shared=_("The same age as you."),
            near=_("About your age."),
            more=_("{difference} older than you."),
            less=_("{difference} younger than you."),
        ),
    ),
    CategoryTrait(
        key="living",
        label=_("home"),
        question=_("Who do you live with?"),
        levels=(
            ("alone", _("on my own")),
            ("partner", _("with a partner")),
            ("family", _("with family")),
            ("shared", _("in a shared home")),
        ),
        level_similarities={("partner", "family"): 0.5, ("alone", "shared"): 0.3},
        templates=SentenceTemplates(
            shared_by_level={
                "alone": _("Lived alone too."),
                "partner": _("Lived with a partner too."),
                "family": _("Lived with family too."),
                "shared": _("Lived in a shared home too."),
            },
            differs_by_level={
                "alone": _("Lived alone."),
                "partner": _("Lived with a partner."),
                "family": _("Lived with family."),
                "shared": _("Lived in a shared home."),
            },
        ),
    ),
    CategoryTrait(
        key="work_pattern",
        label=_("working hours"),
        question=_("When do you work or study?"),
        levels=(
            ("days", _("days")),
            ("nights", _("nights")),
            ("shifts", _("changing shifts")),
            ("not_working", _("not working now")),
            ("studying", _("studying")),
        ),
        level_similarities={("nights", "shifts"): 0.6, ("days", "studying"): 0.3},
        templates=SentenceTemplates(
            shared_by_level={
                "days": _("Worked days too."),
                "nights": _("Worked nights too."),
                "shifts": _("Worked changing shifts too."),
                "not_working": _("Was out of work too."),
                "studying": _("Was studying too."),
            },
            differs_by_level={
                "days": _("Worked days."),
                "nights": _("Worked nights."),
                "shifts": _("Worked changing shifts."),
                "not_working": _("Was not working at the time."),
                "studying": _("Was studying at the time."),
            },
        ),
    ),
    OrdinalTrait(
        key="education",
        label=_("schooling"),
        question=_("What was the last school or course you finished?"),
        levels=(
            ("school", _("school")),
            ("vocational", _("a trade or vocational course")),
            ("degree", _("a degree")),
            ("postgraduate", _("a higher degree")),
        ),
        templates=SentenceTemplates(
            shared=_("Similar schooling."),
            near=_("Schooling close to yours."),
            differs=_("Had finished {theirs}."),
        ),
    ),
    CategoryTrait(
        key="has_children",
        label=_("children"),
        question=_("Do you have children?"),
        levels=(("no", _("no children")), ("young", _("young children")), ("grown", _("grown children"))),
        level_similarities={("young", "grown"): 0.5},
        templates=SentenceTemplates(
            shared_by_level={
                "no": _("No children either."),
                "young": _("Young children at home too."),
                "grown": _("Grown children too."),
            },
            differs=_("Had {theirs}."),
        ),
    ),
    CategoryTrait(
        key="carer",
        label=_("caring"),
        question=_("Do you look after somebody who is ill or frail?"),
        levels=(("no", _("not caring for anybody")), ("yes", _("caring for somebody"))),
        templates=SentenceTemplates(
            shared_by_level={
                "no": _("No caring duties either."),
                "yes": _("Was looking after somebody too."),
            },
            differs_by_level={
                "no": _("Was not looking after anybody."),
                "yes": _("Was looking after somebody."),
            },
        ),
    ),
    OrdinalTrait(
        key="place",
        label=_("kind of place"),
        question=_("What kind of place do you live in?"),
        levels=(("rural", _("the country")), ("town", _("a town")), ("city", _("a city"))),
        templates=SentenceTemplates(
            shared=_("Lived in {value} too."), near=_("A place like yours."), differs=_("Lived in {theirs}.")
        ),
    ),
    CategoryTrait(
        key="first_language_here",
        label=_("language"),
        question=_("Is your first language the one spoken where you live?"),
        levels=(("yes", _("yes")), ("no", _("no"))),
        templates=SentenceTemplates(
            shared_by_level={
                "yes": _("Grew up with the language spoken there too."),
                "no": _("Lived in a second language too."),
            },
            differs_by_level={
                "yes": _("Lived in their first language."),
                "no": _("Lived in a second language."),
            },
        ),
    ),
]
