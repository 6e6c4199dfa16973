"""Questions about wellbeing, habits and obstacles."""

from django.utils.translation import gettext_noop as _

from accounts.traits.quantities import format_years
from matching.traits import NumericTrait, OrdinalTrait, SentenceTemplates, SetTrait

PERSONAL = [
    OrdinalTrait(
        key="support",
        label=_("people to lean on"),
        question=_("How many people could you call when things are hard?"),
        levels=(
            ("nobody", _("nobody")),
            ("one", _("one person")),
            ("few", _("a few people")),
            ("many", _("many people")),
        ),
        templates=SentenceTemplates(
            shared=_("Had {value} to call, as you do."),
            shared_by_level={"nobody": _("Had nobody to call either.")},
            near=_("About as many people to lean on."),
            differs=_("Had {theirs} to call."),
        ),
    ),
    OrdinalTrait(
        key="energy",
        label=_("energy"),
        question=_("How much energy do you have on most days?"),
        levels=(
            ("very_low", _("very little")),
            ("low", _("little")),
            ("fair", _("a fair amount")),
            ("good", _("plenty")),
        ),
        templates=SentenceTemplates(
            shared=_("The same kind of energy on most days: {value}."),
            near=_("Energy close to yours."),
            differs_by_level={
                "very_low": _("Had very little energy on most days."),
                "low": _("Had little energy on most days."),
                "fair": _("Had a fair amount of energy on most days."),
                "good": _("Had plenty of energy on most days."),
            },
        ),
    ),
    OrdinalTrait(
        key="anxiety",
        label=_("worry"),
        question=_("How often does worry get in the way?"),
        levels=(
            ("calm", _("rarely")),
            ("sometimes", _("sometimes")),
            ("often", _("often")),
            ("most_days", _("most days")),
        ),
        templates=SentenceTemplates(
            shared=_("Worry got in the way {value}, as it does for you."),
            near=_("Worried about as much as you."),
            differs=_("Worry got in the way {theirs}."),
        ),
    ),
    OrdinalTrait(
        key="outgoing",
        label=_("way with people"),
        question=_("How outgoing are you?"),
        levels=(
            ("very_quiet", _("very quiet")),
            ("quiet", _("quiet")),
            ("mixed", _("a bit of both")),
            ("outgoing", _("outgoing")),
        ),
        templates=SentenceTemplates(
            shared=_("Also {value} with people."),
            shared_by_level={"mixed": _("Sometimes quiet and sometimes outgoing too.")},
            near=_("About as outgoing as you."),
            differs=_("{theirs} with people."),
            differs_by_level={"mixed": _("Sometimes quiet and sometimes outgoing.")},
        ),
    ),
    NumericTrait(
        key="years_avoiding",
        label=_("years of putting it off"),
        question=_("For how many years have you put this off?"),
        minimum=0,
        maximum=40,
        step=0.5,
        unit=_("years"),
        unit_singular=_("year"),
        format_quantity=format_years,
        templates=SentenceTemplates(
            shared=_("Had put it off just as long."),
            near=_("Had put it off about as long."),
            more=_("Had put it off {difference} longer."),
            less=_("Had put it off {difference} less."),
        ),
    ),
    OrdinalTrait(
        key="tried_before",
        label=_("earlier tries"),
        question=_("How often have you tried before?"),
        levels=(
            ("never", _("never")),
            ("once", _("once")),
            ("few", _("a few times")),
            ("many", _("many times")),
        ),
        templates=SentenceTemplates(
            shared=_("Had tried {value} before, like you."),
            shared_by_level={"never": _("Had never tried before either.")},
            near=_("Had tried about as often."),
            differs=_("Had tried {theirs} before."),
            differs_by_level={"never": _("Had never tried before.")},
        ),
    ),
    OrdinalTrait(
        key="money_worry",
        label=_("money worries"),
        question=_("Does money worry you?"),
        levels=(("none", _("not much")), ("some", _("some")), ("a_lot", _("a lot"))),
        templates=SentenceTemplates(
            shared=_("Worried about money as much as you."),
            near=_("Worried about money about as much as you."),
            differs=_("Worried about money: {theirs}."),
        ),
    ),
    SetTrait(
        key="health_limits",
        label=_("health limits"),
        question=_("Does your health set limits?"),
        levels=(
            ("pain", _("pain")),
            ("fatigue", _("tiredness")),
            ("mobility", _("moving about")),
            ("hearing", _("hearing")),
            ("sight", _("sight")),
            ("breath", _("breath")),
            ("none", _("no limits")),
        ),
        templates=SentenceTemplates(
            shared=_("You share health limits: {value}."), differs=_("Their health limits: {theirs}.")
        ),
    ),
    SetTrait(
        key="obstacles",
        label=_("obstacles"),
        question=_("What gets in the way?"),
        levels=(
            ("time", _("time")),
            ("fear_of_judgement", _("fear of being judged")),
            ("not_knowing_how", _("not knowing how")),
            ("past_failure", _("having failed before")),
            ("no_support", _("no support")),
            ("health", _("health")),
            ("money", _("money")),
            ("perfectionism", _("wanting it perfect")),
        ),
        templates=SentenceTemplates(
            shared=_("The same things got in the way: {value}."),
            differs=_("What got in their way: {theirs}."),
        ),
    ),
    SetTrait(
        key="learns_by",
        label=_("way of learning"),
        question=_("How do you learn best?"),
        levels=(
            ("watching", _("watching")),
            ("reading", _("reading")),
            ("doing", _("doing")),
            ("talking", _("talking")),
        ),
        templates=SentenceTemplates(shared=_("Learns by {value} too."), differs=_("Learns by {theirs}.")),
    ),
    SetTrait(
        key="interests",
        label=_("interests"),
        question=_("What do you like?"),
        levels=(
            ("music", _("music")),
            ("sport", _("sport")),
            ("making", _("making things")),
            ("nature", _("nature")),
            ("games", _("games")),
            ("reading", _("reading")),
            ("faith_community", _("a faith community")),
            ("food", _("food")),
        ),
        templates=SentenceTemplates(shared=_("You both like {value}."), differs=_("Likes {theirs}.")),
    ),
]
