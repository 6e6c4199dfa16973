"""Three questions of identity: asked of those who want it, never guessed, counted only if the person says so."""

from matching.traits import CategoryTrait, SentenceTemplates

IDENTITY = [
    CategoryTrait(
        key="gender",
        label="gender",
        question="What is your gender?",
        identity=True,
        levels=(("woman", "a woman"), ("man", "a man"), ("nonbinary", "non-binary")),
        templates=SentenceTemplates(shared="Also {value}.", differs="Is {theirs}."),
    ),
    CategoryTrait(
        key="disability",
        label="disability",
        question="Do you consider yourself disabled?",
        identity=True,
        levels=(("no", "not disabled"), ("yes", "disabled")),
        templates=SentenceTemplates(
            shared_by_level={"no": "Not disabled either.", "yes": "Also disabled."},
            differs_by_level={"no": "Not disabled.", "yes": "Disabled."},
        ),
    ),
    CategoryTrait(
        key="faith",
        label="faith",
        question="Do you have a faith?",
        identity=True,
        levels=(
            ("none", "no faith"),
            ("christian", "Christian"),
            ("muslim", "Muslim"),
            ("jewish", "Jewish"),
            ("hindu", "Hindu"),
            ("buddhist", "Buddhist"),
            ("other", "another faith"),
        ),
        templates=SentenceTemplates(
            shared="Shares your answer on faith: {value}.", differs="On faith: {theirs}."
        ),
    ),
]
