"""What Sameboat asks people about themselves: nineteen questions of everyday life and three of identity, all optional.

Each is worded for two readers: the person who answers, and the person who is told why a story was chosen.
"""

from matching.traits import CategoryTrait, NumericTrait, OrdinalTrait, SetTrait, Words

EVERYDAY = [
    NumericTrait(
        key="age",
        label="age",
        question="How old are you?",
        minimum=16,
        maximum=99,
        unit="years",
        unit_one="year",
        words=Words(
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
        alikeness={("partner", "family"): 0.5, ("alone", "shared"): 0.3},
        words=Words(
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
        alikeness={("nights", "shifts"): 0.6, ("days", "studying"): 0.3},
        words=Words(
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
        words=Words(
            shared="Similar schooling.", near="Schooling close to yours.", differs="Had finished {theirs}."
        ),
    ),
    CategoryTrait(
        key="has_children",
        label="children",
        question="Do you have children?",
        levels=(("no", "no children"), ("young", "young children"), ("grown", "grown children")),
        alikeness={("young", "grown"): 0.5},
        words=Words(
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
        words=Words(
            shared_by_level={"no": "No caring duties either.", "yes": "Was looking after somebody too."},
            differs_by_level={"no": "Was not looking after anybody.", "yes": "Was looking after somebody."},
        ),
    ),
    OrdinalTrait(
        key="place",
        label="kind of place",
        question="What kind of place do you live in?",
        levels=(("rural", "the country"), ("town", "a town"), ("city", "a city")),
        words=Words(
            shared="Lived in {value} too.", near="A place not unlike yours.", differs="Lived in {theirs}."
        ),
    ),
    CategoryTrait(
        key="first_language_here",
        label="language",
        question="Is your first language the one spoken where you live?",
        levels=(("yes", "yes"), ("no", "no")),
        words=Words(
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

INNER = [
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
        words=Words(
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
        words=Words(
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
        words=Words(
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
        words=Words(
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
        unit_one="year",
        words=Words(
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
        words=Words(
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
        words=Words(
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
        words=Words(shared="Health limits you both know: {value}.", differs="Their limits: {theirs}."),
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
        words=Words(shared="The same in the way: {value}.", differs="What stood in their way: {theirs}."),
    ),
    SetTrait(
        key="learns_by",
        label="way of learning",
        question="How do you learn best?",
        levels=(("watching", "watching"), ("reading", "reading"), ("doing", "doing"), ("talking", "talking")),
        words=Words(shared="Learns by {value} too.", differs="Learns by {theirs}."),
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
        words=Words(shared="You both like {value}.", differs="Likes {theirs}."),
    ),
]

IDENTITY = [
    CategoryTrait(
        key="gender",
        label="gender",
        question="What is your gender?",
        identity=True,
        levels=(("woman", "a woman"), ("man", "a man"), ("nonbinary", "non-binary")),
        words=Words(shared="Also {value}.", differs="Is {theirs}."),
    ),
    CategoryTrait(
        key="disability",
        label="disability",
        question="Do you consider yourself disabled?",
        identity=True,
        levels=(("no", "not disabled"), ("yes", "disabled")),
        words=Words(
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
        words=Words(shared="Shares your answer on faith: {value}.", differs="On faith: {theirs}."),
    ),
]
