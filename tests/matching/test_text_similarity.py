import subprocess
import sys

import numpy as np
import pytest

from matching.text_similarity import MAX_TEXT_SHARE, LSAModel, TextIndex, add_text_similarity, tokenise_text

SLEEP = [
    "I lay awake at night 100 times",
    "awake all night, night after night, tired",
    "no sleep at night, tired by day",
]
SPEAK = ["my voice shook in the meeting", "I said one sentence in a meeting", "the meeting heard my voice"]
WALK = ["I walked to the corner", "a walk to the corner each day", "walked every day, slowly, 100 steps"]
MONEY = ["the letter from the bank", "I opened the letter about money", "money and the bank, at last"]
TEXTS = dict(enumerate([*SLEEP, *SPEAK, *WALK, *MONEY]))


@pytest.fixture(scope="module")
def text_index() -> TextIndex:
    fitted = TextIndex.fit({str(key): text for key, text in TEXTS.items()})
    assert fitted is not None
    return fitted


def most_similar(text_index: TextIndex, query_text: str, count: int = 3) -> list[str]:
    order = np.argsort(-text_index.text_similarities(query_text), kind="stable")[:count]
    return [TEXTS[int(text_index.keys[row])] for row in order]


@pytest.mark.parametrize(
    ("query_text", "about"),
    [("I cannot sleep, awake each night", SLEEP), ("speaking up in a meeting, my voice", SPEAK)],
)
def test_texts_about_the_same_topic_come_first(
    text_index: TextIndex, query_text: str, about: list[str]
) -> None:
    assert set(most_similar(text_index, query_text)) == set(about)


def test_unknown_words_have_no_similarity(text_index: TextIndex) -> None:
    for query_text in ("", "   ", "zyzzyva quux", "12 34"):
        assert not text_index.text_similarities(query_text).any()


def test_similarities_equal_scikit_learn() -> None:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity
    from sklearn.pipeline import make_pipeline

    texts = [*TEXTS.values()]
    text_index = TextIndex.fit({str(key): text for key, text in TEXTS.items()})
    assert text_index is not None
    assert text_index.embeddings.shape == (12, 11)
    assert text_index.embeddings.dtype == np.float32
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=tokenise_text, min_df=2, max_df=0.5, sublinear_tf=True),
        TruncatedSVD(n_components=text_index.embeddings.shape[1], random_state=0),
    ).fit(texts)
    for query_text in ("tired, awake, at night", "walked to a meeting meeting meeting", "the bank letter"):
        expected = np.clip(
            cosine_similarity(pipeline.transform([query_text]), pipeline.transform(texts))[0], 0, 1
        )
        assert np.allclose(text_index.text_similarities(query_text), expected, atol=1e-4)


def test_an_index_survives_a_round_trip_through_bytes(text_index: TextIndex) -> None:
    restored = TextIndex.from_bytes(text_index.to_bytes())
    assert restored.keys == text_index.keys
    assert np.allclose(
        text_index.text_similarities("awake at night"),
        restored.text_similarities("awake at night"),
        atol=1e-5,
    )


def test_among_keeps_its_order_and_unknown_keys_get_0(text_index: TextIndex) -> None:
    similarity_by_key = dict(
        zip(text_index.keys, text_index.text_similarities("awake at night").tolist(), strict=True)
    )
    keys = [text_index.keys[2], "nobody", text_index.keys[0]]
    similarities = text_index.text_similarities("awake at night", among=keys)
    assert similarities.tolist() == pytest.approx([similarity_by_key[keys[0]], 0, similarity_by_key[keys[2]]])


def test_too_few_texts_or_no_common_word_give_no_index() -> None:
    assert TextIndex.fit({"a": "one story", "b": "one more story"}) is None
    assert TextIndex.fit({str(n): f"{chr(97 + n) * 3}" for n in range(20)}) is None


def test_text_raises_a_score_by_a_tenth_at_most_and_never_lowers_it() -> None:
    for similarity in (0.0, 0.4, 0.7, 1.0):
        for text_similarity in (0.0, 0.5, 1.0):
            score = add_text_similarity(similarity, text_similarity, share=MAX_TEXT_SHARE)
            assert similarity <= score <= min(1, similarity + MAX_TEXT_SHARE)
    assert add_text_similarity(0.4, 0.9, share=0) == 0.4


@pytest.mark.parametrize("share", [-0.1, 0.11, 1])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 0\.1"):
        add_text_similarity(0.5, 0.5, share=share)


def test_comparing_texts_does_not_import_scikit_learn(text_index: TextIndex) -> None:
    program = (
        "import sys; from matching.text_similarity import TextIndex;"
        "index = TextIndex.from_bytes(sys.stdin.buffer.read());"
        "assert index.text_similarities('awake at night').any();"
        "assert not [name for name in sys.modules if name.startswith(('sklearn', 'scipy'))]"
    )
    subprocess.run([sys.executable, "-c", program], input=text_index.to_bytes(), check=True)


def test_words_are_lower_case_and_have_at_least_two_letters() -> None:
    assert tokenise_text("I Was 24h LATE, a été") == ["was", "late", "été"]


def test_fitting_is_deterministic() -> None:
    texts = {str(key): text for key, text in TEXTS.items()}
    first, second = TextIndex.fit(texts), TextIndex.fit(texts)
    assert first is not None
    assert second is not None
    assert first.embeddings.tolist() == second.embeddings.tolist()


def test_two_common_words_are_enough_for_an_index() -> None:
    texts = {str(number): "day night" if number < 3 else f"{chr(97 + number) * 3}" for number in range(12)}
    text_index = TextIndex.fit(texts)
    assert text_index is not None
    assert text_index.embeddings.shape == (12, 1)


def test_similarities_are_clipped_to_0_and_1() -> None:
    model = LSAModel(("night",), np.ones(1), np.ones((1, 1)))
    text_index = TextIndex(model, ("a", "b", "c"), np.array([[-1], [0.5], [1.5]], dtype=np.float32))
    assert text_index.text_similarities("night").tolist() == [0, 0.5, 1]
