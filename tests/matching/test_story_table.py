from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.gates import ELIGIBLE, EXCLUSION_REASONS, exclusion_codes, exclusion_reason
from matching.records import RoleModelKind, StoryFacts, StoryOutcome, ViewerFacts
from matching.story_table import StoryTable

NOTES, LANGUAGES = ("crime", "death", "food"), ("de", "en", "pt-BR")
KEYS = tuple(f"s{number:02}" for number in range(12))
TELLERS = ("ana", "bo", "cleo", "dev")
SOME_KEYS = st.frozensets(st.sampled_from((*KEYS, "gone")), max_size=4)


@st.composite
def story_lists(draw: st.DrawFn) -> list[StoryFacts]:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=len(KEYS)))
    return [
        StoryFacts(
            key=key,
            teller=draw(st.sampled_from(TELLERS)),
            challenge="talk",
            start_rung=draw(st.integers(0, 7)),
            end_rung=draw(st.integers(0, 7)),
            model_kind=draw(st.sampled_from(RoleModelKind)),
            outcome=draw(st.sampled_from(StoryOutcome)),
            language=draw(st.sampled_from(LANGUAGES)),
            has_captions=draw(st.booleans()),
            content_notes=draw(st.frozensets(st.sampled_from(NOTES))),
        )
        for key in keys
    ]


viewer_facts = st.builds(
    ViewerFacts,
    person=st.sampled_from((*TELLERS, "eve")),
    challenge=st.sampled_from(("talk", "talk", "talk", "run")),
    present_rung=st.integers(0, 7),
    ladder_length=st.just(7),
    ratings=st.dictionaries(st.integers(1, 7), st.integers(0, 10).map(lambda tens: 10 * tens)),
    muted_notes=st.frozensets(st.sampled_from((*NOTES, "other")), max_size=1),
    languages=st.frozensets(st.sampled_from((*LANGUAGES, "zu")), max_size=2),
    needs_captions=st.booleans(),
    hidden_tellers=st.frozensets(st.sampled_from((*TELLERS, "eve")), max_size=1),
    seen_recently=SOME_KEYS,
    saved=SOME_KEYS,
    less_like=SOME_KEYS,
    is_discouraged=st.booleans(),
)


@settings(max_examples=300)
@given(stories=story_lists(), viewer=viewer_facts, similarity=st.floats(0, 1))
def test_a_story_has_the_same_exclusion_reason_alone_and_in_a_table(
    stories: list[StoryFacts], viewer: ViewerFacts, similarity: float
) -> None:
    story_table = StoryTable.from_stories(stories)
    codes = exclusion_codes(viewer, story_table, similarity=np.full(len(stories), similarity)).tolist()
    code_by_key = dict(zip(story_table.keys, codes, strict=True))
    for story in stories:
        alone = exclusion_reason(viewer, story, similarity=similarity)
        assert code_by_key[story.key] == (ELIGIBLE if alone is None else EXCLUSION_REASONS.index(alone))


STORY = StoryFacts(
    key="s2",
    teller="bo",
    challenge="talk",
    start_rung=1,
    end_rung=2,
    model_kind=RoleModelKind.COPING,
    outcome=StoryOutcome.REACHED,
    language="en",
    content_notes=frozenset({"death"}),
)
STORY_TABLE = StoryTable.from_stories(
    [STORY, replace(STORY, key="s1", teller="ana", language="de", content_notes=frozenset())]
)


def test_rows_are_in_key_order() -> None:
    assert [*STORY_TABLE.keys] == ["s1", "s2"]
    assert [STORY_TABLE.tellers[index] for index in STORY_TABLE.teller_index] == ["ana", "bo"]
    assert STORY_TABLE.mask_of_keys(["s2", "s3"]).tolist() == [False, True]
    assert STORY_TABLE.mask_of_tellers(["bo", "eve"]).tolist() == [False, True]
    assert STORY_TABLE.mask_of_languages(["de"]).tolist() == [True, False]
    assert STORY_TABLE.mask_of_content_notes(["death", "other"]).tolist() == [False, True]


def test_stories_of_two_challenges_are_refused() -> None:
    with pytest.raises(ValueError, match="one challenge"):
        StoryTable.from_stories([STORY, replace(STORY, key="s3", challenge="run")])


@given(story_lists(), st.sampled_from((*KEYS, "gone", "a", "z")))
def test_the_row_of_a_key_is_its_position_in_key_order_or_none(stories: list[StoryFacts], key: str) -> None:
    in_order = sorted(story.key for story in stories)
    assert StoryTable.from_stories(stories).row_of(key) == (in_order.index(key) if key in in_order else None)
