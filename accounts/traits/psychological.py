"""Nineteen questions, second half: how somebody is, and what gets in the way."""

from matching.traits import NumericTrait, OrdinalTrait, SentenceTemplates, SetTrait

PSYCHOLOGICAL = [
    OrdinalTrait(
        key="support",
        label="people to lean on",
        question="How many people could you ring when things are hard?",
        levels=(
            ("nobody", "nobody"),
            ("one", "one person"),
            ("few", "a few people"),
            ("many", "many people"),
        ),
        templates=SentenceTemplates(
            shared="Had {value} to ring, as you do.",
            near="About as many people to lean on.",
            differs="Had {theirs} to ring.",
        ),
    ),
    OrdinalTrait(
        key="energy",
        label="energy",
        question="How much energy do you have on most days?",
        levels=(
            ("very_low", "very little"),
            ("low", "little"),
            ("fair", "a fair amount"),
            ("good", "plenty"),
        ),
        templates=SentenceTemplates(
            shared="The same kind of energy on most days: {value}.",
            near="Energy close to yours.",
            differs="Had {theirs} energy on most days.",
        ),
    ),
    OrdinalTrait(
        key="anxiety",
        label="worry",
        question="How often does worry get in the way?",
        levels=(
            ("calm", "rarely"),
            ("sometimes", "sometimes"),
            ("often", "often"),
            ("most_days", "most days"),
        ),
        templates=SentenceTemplates(
            shared="Worry got in the way {value}, as for you.",
            near="Worried about as much as you.",
            differs="Worry got in the way {theirs}.",
        ),
    ),
    OrdinalTrait(
        key="outgoing",
        label="way with people",
        question="How outgoing are you?",
        levels=(
            ("very_quiet", "very quiet"),
            ("quiet", "quiet"),
            ("mixed", "a bit of both"),
            ("outgoing", "outgoing"),
        ),
        templates=SentenceTemplates(
            shared="Just as you: {value} with people.",
            near="About as outgoing as you.",
            differs="{theirs} with people.",
        ),
    ),
    NumericTrait(
        key="years_avoiding",
        label="years of putting it off",
        question="For how many years have you put this off?",
        minimum=0,
        maximum=40,
        step=0.5,
        unit="years",
        unit_singular="year",
        templates=SentenceTemplates(
            shared="Had put it off just as long.",
            near="Had put it off about as long.",
            more="Had put it off {difference} longer.",
            less="Had put it off {difference} less.",
        ),
    ),
    OrdinalTrait(
        key="tried_before",
        label="earlier tries",
        question="How often have you tried before?",
        levels=(("never", "never"), ("once", "once"), ("few", "a few times"), ("many", "many times")),
        templates=SentenceTemplates(
            shared="Had tried {value} before, like you.",
            near="Had tried about as often.",
            differs="Had tried {theirs} before.",
        ),
    ),
    OrdinalTrait(
        key="money_worry",
        label="money worries",
        question="Does money worry you?",
        levels=(("none", "not much"), ("some", "some"), ("a_lot", "a lot")),
        templates=SentenceTemplates(
            shared="Money was a worry to the same degree.",
            near="Money worries close to yours.",
            differs="Money worried them: {theirs}.",
        ),
    ),
    SetTrait(
        key="health_limits",
        label="health limits",
        question="Does your health set limits?",
        levels=(
            ("pain", "pain"),
            ("fatigue", "tiredness"),
            ("mobility", "moving about"),
            ("hearing", "hearing"),
            ("sight", "sight"),
            ("breath", "breath"),
            ("none", "no limits"),
        ),
        templates=SentenceTemplates(
            shared="Health limits you both know: {value}.", differs="Their limits: {theirs}."
        ),
    ),
    SetTrait(
        key="obstacles",
        label="obstacles",
        question="What gets in the way?",
        levels=(
            ("time", "time"),
            ("fear_of_judgement", "fear of being judged"),
            ("not_knowing_how", "not knowing how"),
            ("past_failure", "having failed before"),
            ("no_support", "no support"),
            ("health", "health"),
            ("money", "money"),
            ("perfectionism", "wanting it perfect"),
        ),
        templates=SentenceTemplates(
            shared="The same in the way: {value}.", differs="What stood in their way: {theirs}."
        ),
    ),
    SetTrait(
        key="learns_by",
        label="way of learning",
        question="How do you learn best?",
        levels=(("watching", "watching"), ("reading", "reading"), ("doing", "doing"), ("talking", "talking")),
        templates=SentenceTemplates(shared="Learns by {value} too.", differs="Learns by {theirs}."),
    ),
    SetTrait(
        key="interests",
        label="interests",
        question="What do you like?",
        levels=(
            ("music", "music"),
            ("sport", "sport"),
            ("making", "making things"),
            ("nature", "nature"),
            ("games", "games"),
            ("reading", "reading"),
            ("faith_community", "a faith community"),
            ("food", "food"),
        ),
        templates=SentenceTemplates(shared="You both like {value}.", differs="Likes {theirs}."),
    ),
]
