"""Beside the ladder there is room for a sentence of one's own; it may stay open, and only its writer sees it."""

import pytest

from accounts.models import User
from challenges.models import Challenge
from practice import wording
from tests.web.pages import read
from tests.web.visits import summary_of, visit_by

pytestmark = pytest.mark.django_db
RATE = "/challenges/the-conversation/rate/"
UNSURE = {f"ratings.{position}": "30" for position in range(1, 8)}


def test_it_may_stay_open(ana: User, the_conversation: Challenge) -> None:
    answer = visit_by(ana).post(RATE, UNSURE)

    assert answer.status_code == 302
    assert wording.said(the_conversation, by=ana) == ""


def test_what_was_written_is_there_the_next_time_and_goes_when_emptied(
    ana: User, the_conversation: Challenge
) -> None:
    browser = visit_by(ana)
    browser.post(RATE, UNSURE | {"words": "I go over it at night."})
    page = read(browser.get(RATE).content)
    assert "I go over it at night." in page.words
    assert page.unlabelled == []

    browser.post(RATE, UNSURE | {"words": ""})
    assert "I go over it at night." not in read(browser.get(RATE).content).words


def test_nobody_else_is_shown_it(ana: User, sam: User, the_conversation: Challenge) -> None:
    visit_by(ana).post(RATE, UNSURE | {"words": "I go over it at night."})
    assert "I go over it" not in visit_by(sam).get(RATE).content.decode()


def test_far_too_much_is_refused_and_nothing_is_lost(ana: User, the_conversation: Challenge) -> None:
    answer = visit_by(ana).post(RATE, UNSURE | {"words": "x" * 501})

    assert answer.status_code == 400
    assert "#id_words" in summary_of(answer)
    assert "x" * 501 in answer.content.decode()
