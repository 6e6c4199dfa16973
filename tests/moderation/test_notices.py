import re

import pytest
from celery import current_app
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from jobs.dispatch import work_task
from jobs.models import Job, JobState
from moderation import decisions, notices
from moderation.models import Notice
from moderation.rubric import DECISION_REASONS
from stories import publishing
from stories.models import Story
from tests.moderation.scenarios import approving_submission, claim_for_reviewer

pytestmark = pytest.mark.django_db
CONFIDENTIAL_NOTE = "I know this teller's neighbour"


@pytest.fixture(autouse=True)
def _workers_know_their_work() -> None:
    current_app.loader.import_default_modules()


@pytest.fixture
def asked(told: Story, mo: User) -> Notice:
    """What bo is told after mo asked for two changes."""
    review = approving_submission(
        claim_for_reviewer(told, by=mo),
        reasons=["third_party_named", "content_notes_do_not_fit"],
        note_to_teller="The name falls at 0:12.",
        note_to_colleagues=CONFIDENTIAL_NOTE,
    )
    decisions.request_changes(told, review, by=mo)
    return Notice.objects.get()


def test_a_teller_reads_each_reason_what_would_help_and_the_reviewers_note(asked: Notice, bo: User) -> None:
    assert asked.person == bo
    assert asked.kind == Notice.Kind.CHANGES
    for code in ("third_party_named", "content_notes_do_not_fit"):
        assert DECISION_REASONS[code].to_teller in asked.words
        assert DECISION_REASONS[code].fix in asked.words
    assert "The reviewer adds: The name falls at 0:12." in asked.words


def test_notes_to_colleagues_and_the_reviewers_name_never_reach_the_teller(asked: Notice, mo: User) -> None:
    mail = notices.build_notice_email(asked)

    for text in (asked.words, str(mail.subject), str(mail.body)):
        assert CONFIDENTIAL_NOTE not in text
        assert mo.handle not in text
        assert mo.email not in text


def test_a_declined_teller_reads_that_it_is_about_the_recording_and_not_about_them(
    told: Story, mo: User
) -> None:
    decisions.decline_story(
        told, approving_submission(claim_for_reviewer(told, by=mo), reasons=["puts_people_down"]), by=mo
    )

    words = Notice.objects.get().words
    assert "not about you" in words
    assert DECISION_REASONS["puts_people_down"].fix in words


@pytest.mark.parametrize("kind", Notice.Kind)
def test_the_email_says_nothing_that_a_glance_over_the_shoulder_should_not_see(
    asked: Notice, kind: Notice.Kind, settings: object
) -> None:
    asked.kind = kind
    mail = notices.build_notice_email(asked)

    assert mail.subject == "Sameboat: News about your story"
    told_in_full = [
        asked.story.title,
        asked.story.challenge.title,
        "0:12",
        DECISION_REASONS["third_party_named"].label,
    ]
    for secret in told_in_full:
        assert secret not in f"{mail.subject} {mail.body}"
    assert str(mail.body).startswith("Hello Bo,")
    assert "/help-now" in str(mail.body)
    assert mail.to == [asked.person.email]
    assert not re.search(r"<[a-z/]", str(mail.body))


def test_the_email_is_sent_once_however_often_its_job_runs(
    asked: Notice, mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(3):
        job = Job.objects.for_subject(asked.pk).newest_first()[0]
        work_task(job.queue)
        Job.objects.filter(pk=job.pk).update(state=JobState.WAITING, finished_at=None, attempts=0)

    assert len(mailoutbox) == 1
    asked.refresh_from_db()
    assert asked.mailed_at is not None


def test_a_notice_keeps_its_message_id_so_that_a_doubled_email_shows_once(asked: Notice) -> None:
    first, second = (notices.build_notice_email(asked).message()["Message-ID"] for _ in range(2))

    assert first == second == f"<notice-{asked.pk}@127.0.0.1>"


def test_the_job_of_an_erased_notice_does_nothing(asked: Notice, mailoutbox: list[EmailMessage]) -> None:
    job = Job.objects.for_subject(asked.pk).get()
    asked.delete()

    work_task(job.queue)

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert mailoutbox == []


def test_no_email_says_that_a_story_is_open_which_its_teller_has_taken_back(
    told: Story, bo: User, mo: User, mailoutbox: list[EmailMessage]
) -> None:
    decision = decisions.approve_story(told, approving_submission(claim_for_reviewer(told, by=mo)), by=mo)
    publishing.withdraw_story(decision.story, by=bo)

    assert not notices.send_notice_email(Notice.objects.get())
    assert mailoutbox == []


def test_somebody_who_left_gets_no_email(asked: Notice, bo: User, mailoutbox: list[EmailMessage]) -> None:
    bo.is_active = False
    bo.save()

    assert not notices.send_notice_email(asked)
    assert mailoutbox == []


def test_a_teller_marks_a_notice_as_read_and_the_first_time_counts(asked: Notice, bo: User) -> None:
    assert Notice.objects.to_person(bo).unread().count() == 1

    first = notices.mark_notice_read(asked, by=bo).read_at
    assert notices.mark_notice_read(asked, by=bo).read_at == first
    assert first is not None
    assert first <= timezone.now()
    assert not Notice.objects.to_person(bo).unread().exists()


def test_nobody_reads_somebody_elses_notice(asked: Notice, sam: User, mo: User) -> None:
    for person in (sam, mo):
        with pytest.raises(notices.NotYourNotice):
            notices.mark_notice_read(asked, by=person)
    asked.refresh_from_db()
    assert asked.read_at is None


def test_a_notice_has_one_paragraph_for_the_opening_each_reason_and_the_note(asked: Notice) -> None:
    opening, first, second, note = asked.words.split("\n\n")

    assert opening == notices.NOTICE_OPENINGS[Notice.Kind.CHANGES]
    for paragraph, code in ((first, "third_party_named"), (second, "content_notes_do_not_fit")):
        reason = DECISION_REASONS[code]
        assert paragraph == f"{reason.label}. {reason.to_teller} {reason.fix}"
    assert note.endswith(" The name falls at 0:12.")


def test_a_notice_without_a_note_ends_with_the_last_reason() -> None:
    text = notices.notice_text(Notice.Kind.CHANGES, ["advertising"], "  ")

    assert text.endswith(DECISION_REASONS["advertising"].fix)


def test_the_email_greets_a_teller_without_a_display_name(asked: Notice) -> None:
    asked.person.handle = ""

    assert str(notices.build_notice_email(asked).body).startswith("Hello there,")


def test_sending_a_notice_locks_the_row_of_the_notice_only_and_reports_whether_it_was_sent(
    asked: Notice, mailoutbox: list[EmailMessage]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert notices.send_notice_email(asked) is True
    assert notices.send_notice_email(asked) is False

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "moderation_notice"']
    assert len(mailoutbox) == 1


def test_reading_one_notice_leaves_the_others_unread(asked: Notice, bo: User) -> None:
    other = Notice.objects.create(person=bo, story=asked.story, kind=Notice.Kind.CHANGES, words="Another")

    notices.mark_notice_read(asked, by=bo)

    assert list(Notice.objects.to_person(bo).unread()) == [other]
