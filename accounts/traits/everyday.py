"""Nineteen questions, first half: what everyday life is like."""

from matching.traits import CategoryTrait, NumericTrait, OrdinalTrait, SentenceTemplates

EVERYDAY = [
    NumericTrait(
        key="age",
        label="age",
        question="How old are you?",
        minimum=16,
        maximum=99,
        unit="years",
        unit_singular="year",
        templates=SentenceTemplates(
            shared="The same age as you.",
            near="About your age.",
            more="{difference} older than you.",
            less="{difference} younger than you.",
        ),
    ),
    CategoryTrait(
        key="living",
        label="home",
        question="Who do you live with?",
        levels=(
            ("alone", "on my own"),
            ("partner", "with a partner"),
            ("family", "with family"),
            ("shared", "in a shared home"),
        ),
        level_similarities={("partner", "family"): 0.5, ("alone", "shared"): 0.3},
        templates=SentenceTemplates(
            shared_by_level={
                "alone": "Lived alone too.",
                "partner": "Lived with a partner too.",
                "family": "Lived with family too.",
                "shared": "Lived in a shared home too.",
            },
            differs_by_level={
                "alone": "Lived alone.",
                "partner": "Lived with a partner.",
                "family": "Lived with family.",
                "shared": "Lived in a shared home.",
            },
        ),
    ),
    CategoryTrait(
        key="work_pattern",
        label="working hours",
        question="When do you work or study?",
        levels=(
            ("days", "days"),
            ("nights", "nights"),
            ("shifts", "changing shifts"),
            ("not_working", "not working now"),
            ("studying", "studying"),
        ),
        level_similarities={("nights", "shifts"): 0.6, ("days", "studying"): 0.3},
        templates=SentenceTemplates(
            shared_by_level={
                "days": "Worked days too.",
                "nights": "Worked nights too.",
                "shifts": "Worked changing shifts too.",
                "not_working": "Was out of work too.",
                "studying": "Was studying too.",
            },
            differs_by_level={
                "days": "Worked days.",
                "nights": "Worked nights.",
                "shifts": "Worked changing shifts.",
                "not_working": "Was not working at the time.",
                "studying": "Was studying at the time.",
            },
        ),
    ),
    OrdinalTrait(
        key="education",
        label="schooling",
        question="What was the last school or course you finished?",
        levels=(
            ("school", "school"),
            ("vocational", "a trade or vocational course"),
            ("degree", "a degree"),
            ("postgraduate", "a higher degree"),
        ),
        templates=SentenceTemplates(
            shared="Similar schooling.", near="Schooling close to yours.", differs="Had finished {theirs}."
        ),
    ),
    CategoryTrait(
        key="has_children",
        label="children",
        question="Do you have children?",
        levels=(("no", "no children"), ("young", "young children"), ("grown", "grown children")),
        level_similarities={("young", "grown"): 0.5},
        templates=SentenceTemplates(
            shared_by_level={
                "no": "No children either.",
                "young": "Young children at home too.",
                "grown": "Grown children too.",
            },
            differs="Had {theirs}.",
        ),
    ),
    CategoryTrait(
        key="carer",
        label="caring",
        question="Do you look after somebody who is ill or frail?",
        levels=(("no", "not caring for anybody"), ("yes", "caring for somebody")),
        templates=SentenceTemplates(
            shared_by_level={"no": "No caring duties either.", "yes": "Was looking after somebody too."},
            differs_by_level={"no": "Was not looking after anybody.", "yes": "Was looking after somebody."},
        ),
    ),
    OrdinalTrait(
        key="place",
        label="kind of place",
        question="What kind of place do you live in?",
        levels=(("rural", "the country"), ("town", "a town"), ("city", "a city")),
        templates=SentenceTemplates(
            shared="Lived in {value} too.", near="A place not unlike yours.", differs="Lived in {theirs}."
        ),
    ),
    CategoryTrait(
        key="first_language_here",
        label="language",
        question="Is your first language the one spoken where you live?",
        levels=(("yes", "yes"), ("no", "no")),
        templates=SentenceTemplates(
            shared_by_level={
                "yes": "Grew up with the language spoken there too.",
                "no": "Lived in a second language too.",
            },
            differs_by_level={
                "yes": "Lived in a first language.",
                "no": "Lived in a second language.",
            },
        ),
    ),
]
