from collections import Counter
from pathlib import Path

import pytest

from challenges import loading
from challenges.models import Challenge, Domain, Rung

pytestmark = pytest.mark.django_db

SMALL_CATALOGUE = """
[domain]
slug = "speaking"
name = "Speaking"
summary = "Out loud."
order = 1
[[challenge]]
slug = "ask"
title = "Ask"
summary = "A question."
order = 1
[[challenge.rung]]
position = 1
text = "Think of it"
"""


def test_catalogue_has_at_least_twelve_challenges_in_six_domains() -> None:
    assert loading.load_catalogue() >= 12
    assert Domain.objects.count() >= 6


def test_first_challenge_is_the_conversation() -> None:
    loading.load_catalogue()

    first = Challenge.objects.offered().in_catalogue_order().first()
    assert first is not None
    assert first.title == "Have the conversation I keep putting off"


def test_every_ladder_has_five_to_nine_consecutive_rungs() -> None:
    loading.load_catalogue()

    for challenge in Challenge.objects.with_ladder():
        positions = [rung.position for rung in challenge.rungs.all()]
        assert positions == list(range(1, len(positions) + 1)), challenge.slug
        assert 5 <= len(positions) <= 9, challenge.slug
        assert challenge.barriers.count() >= 3, challenge.slug


def test_loading_is_idempotent() -> None:
    loading.load_catalogue()
    before = Counter(Rung.objects.values_list("challenge__slug", "text"))
    loading.load_catalogue()

    assert Counter(Rung.objects.values_list("challenge__slug", "text")) == before


def test_challenge_missing_from_the_files_is_kept_but_not_offered(tmp_path: Path) -> None:
    (tmp_path / "speaking.toml").write_text(SMALL_CATALOGUE)
    loading.load_catalogue(tmp_path)
    (tmp_path / "speaking.toml").write_text(SMALL_CATALOGUE.replace('"ask"', '"answer"'))
    loading.load_catalogue(tmp_path)

    assert not Challenge.objects.get(slug="ask").offered
    assert Challenge.objects.get(slug="answer").offered
