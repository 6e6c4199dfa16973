import subprocess
import sys

import numpy as np
import pytest

from matching.text_similarity import MAX_TEXT_SHARE, TextIndex, add_text_similarity, tokenise_text

SLEEP = ["I lay awake at night", "awake all night and tired", "no sleep at night, tired by day"]
SPEAK = ["my voice shook in the meeting", "I said one sentence in a meeting", "the meeting heard my voice"]
WALK = ["I walked to the corner", "a walk to the corner each day", "walked every day, slowly"]
MONEY = ["the letter from the bank", "I opened the letter about money", "money and the bank, at last"]
TEXTS = dict(enumerate([*SLEEP, *SPEAK, *WALK, *MONEY]))


@pytest.fixture(scope="module")
def index() -> TextIndex:
    found = TextIndex.fit({str(key): text for key, text in TEXTS.items()})
    assert found is not None
    return found


def most_similar(index: TextIndex, words: str, count: int = 3) -> list[str]:
    order = np.argsort(-index.text_similarities(words), kind="stable")[:count]
    return [TEXTS[int(index.keys[place])] for place in order]


@pytest.mark.parametrize(
    ("words", "about"),
    [("I cannot sleep, awake each night", SLEEP), ("speaking up in a meeting, my voice", SPEAK)],
)
def test_those_who_speak_of_the_same_thing_come_first(index: TextIndex, words: str, about: list[str]) -> None:
    assert set(most_similar(index, words)) == set(about)


def test_words_that_no_story_knows_say_nothing(index: TextIndex) -> None:
    for words in ("", "   ", "zyzzyva quux", "12 34"):
        assert not index.text_similarities(words).any()


def test_nearness_is_that_of_scikit_learn() -> None:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity
    from sklearn.pipeline import make_pipeline

    texts = [*TEXTS.values()]
    ours = TextIndex.fit({str(key): text for key, text in TEXTS.items()})
    assert ours is not None
    theirs = make_pipeline(
        TfidfVectorizer(analyzer=tokenise_text, min_df=2, max_df=0.5, sublinear_tf=True),
        TruncatedSVD(n_components=ours.embeddings.shape[1], random_state=0),
    ).fit(texts)
    for words in ("tired, awake, at night", "walked to a meeting meeting meeting", "the bank letter"):
        expected = np.clip(cosine_similarity(theirs.transform([words]), theirs.transform(texts))[0], 0, 1)
        assert np.allclose(ours.text_similarities(words), expected, atol=1e-4)


def test_a_kept_index_answers_as_before(index: TextIndex) -> None:
    again = TextIndex.from_bytes(index.to_bytes())
    assert again.keys == index.keys
    assert np.allclose(
        index.text_similarities("awake at night"), again.text_similarities("awake at night"), atol=1e-5
    )


def test_nearness_can_be_asked_of_some_in_any_order_and_is_none_for_strangers(index: TextIndex) -> None:
    everybody = dict(zip(index.keys, index.text_similarities("awake at night").tolist(), strict=True))
    some = [index.keys[2], "nobody", index.keys[0]]
    near = index.text_similarities("awake at night", among=some)
    assert near.tolist() == pytest.approx([everybody[some[0]], 0, everybody[some[2]]])


def test_few_texts_and_texts_without_a_common_word_are_left_alone() -> None:
    assert TextIndex.fit({"a": "one story", "b": "one more story"}) is None
    assert TextIndex.fit({str(n): f"{chr(97 + n) * 3}" for n in range(20)}) is None


def test_words_lift_a_score_by_a_tenth_at_most_and_never_lower_it() -> None:
    for similarity in (0.0, 0.4, 0.7, 1.0):
        for nearness in (0.0, 0.5, 1.0):
            score = add_text_similarity(similarity, nearness, share=MAX_TEXT_SHARE)
            assert similarity <= score <= min(1, similarity + MAX_TEXT_SHARE)
    assert add_text_similarity(0.4, 0.9, share=0) == 0.4


@pytest.mark.parametrize("share", [-0.1, 0.11, 1])
def test_words_may_not_count_for_more(share: float) -> None:
    with pytest.raises(ValueError, match=r"share of 0 to 0\.1"):
        add_text_similarity(0.5, 0.5, share=share)


def test_comparing_words_loads_no_scikit_learn(index: TextIndex) -> None:
    """A web server compares and never fits."""
    program = (
        "import sys; from matching.text_similarity import TextIndex;"
        "index = TextIndex.from_bytes(sys.stdin.buffer.read());"
        "assert index.nearness('awake at night').any();"
        "assert not [name for name in sys.modules if name.startswith(('sklearn', 'scipy'))]"
    )
    subprocess.run([sys.executable, "-c", program], input=index.to_bytes(), check=True)
