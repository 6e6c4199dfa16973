import re
from pathlib import Path

import pytest
from celery import current_app
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import User
from jobs.dispatch import work_task
from jobs.models import Job, JobState
from moderation import decisions, notices
from moderation.models import Notice
from moderation.rubric import DECISION_REASONS
from stories import publishing
from stories.models import Story
from tests.moderation.scenarios import approving_submission, claim_for_reviewer
from tests.pseudo_locales import LEFT_TO_RIGHT, write_pseudo_locales

pytestmark = pytest.mark.django_db
CONFIDENTIAL_NOTE = "I know this teller's neighbour"


@pytest.fixture(autouse=True)
def _registered_job_kinds() -> None:
    current_app.loader.import_default_modules()


@pytest.fixture
def change_request_notice(submitted_story: Story, mo: User) -> Notice:
    """The notice to bo after mo requested two changes."""
    review = approving_submission(
        claim_for_reviewer(submitted_story, by=mo),
        reasons=["third_party_named", "content_notes_do_not_fit"],
        note_to_teller="The name falls at 0:12.",
        note_to_colleagues=CONFIDENTIAL_NOTE,
    )
    decisions.request_changes(submitted_story, review, by=mo)
    return Notice.objects.get()


def test_a_notice_contains_each_reason_its_fix_and_the_reviewers_note(
    change_request_notice: Notice, bo: User
) -> None:
    assert change_request_notice.person == bo
    assert change_request_notice.kind == Notice.Kind.CHANGES
    for code in ("third_party_named", "content_notes_do_not_fit"):
        assert str(DECISION_REASONS[code].to_teller) in change_request_notice.words
        assert str(DECISION_REASONS[code].fix) in change_request_notice.words
    assert "A note from the reviewer: The name falls at 0:12." in change_request_notice.words


def test_a_notice_contains_neither_notes_to_colleagues_nor_the_reviewers_name(
    change_request_notice: Notice, mo: User
) -> None:
    mail = notices.build_notice_email(change_request_notice)

    for text in (change_request_notice.words, str(mail.subject), str(mail.body)):
        assert CONFIDENTIAL_NOTE not in text
        assert mo.handle not in text
        assert mo.email not in text


def test_a_notice_of_a_declined_story_is_about_the_recording_and_not_the_teller(
    submitted_story: Story, mo: User
) -> None:
    decisions.decline_story(
        submitted_story,
        approving_submission(claim_for_reviewer(submitted_story, by=mo), reasons=["puts_people_down"]),
        by=mo,
    )

    words = Notice.objects.get().words
    assert "not about you" in words
    assert str(DECISION_REASONS["puts_people_down"].fix) in words


@pytest.mark.parametrize("kind", Notice.Kind)
def test_the_email_contains_nothing_about_the_content_of_the_story(
    change_request_notice: Notice, kind: Notice.Kind, settings: object
) -> None:
    change_request_notice.kind = kind
    mail = notices.build_notice_email(change_request_notice)

    assert mail.subject == "Sameboat: News about your story"
    private_texts = [
        change_request_notice.story.title,
        change_request_notice.story.challenge.title,
        "0:12",
        str(DECISION_REASONS["third_party_named"].label),
    ]
    for text in private_texts:
        assert text not in f"{mail.subject} {mail.body}"
    assert str(mail.body).startswith("Hello Bo,")
    assert "/help-now" in str(mail.body)
    assert mail.to == [change_request_notice.person.email]
    assert not re.search(r"<[a-z/]", str(mail.body))


def test_repeated_jobs_send_the_email_once(
    change_request_notice: Notice, mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(3):
        job = Job.objects.for_subject(change_request_notice.pk).newest_first()[0]
        work_task(job.queue)
        Job.objects.filter(pk=job.pk).update(state=JobState.WAITING, finished_at=None, attempts=0)

    assert len(mailoutbox) == 1
    change_request_notice.refresh_from_db()
    assert change_request_notice.mailed_at is not None


def test_all_emails_of_a_notice_have_the_same_message_id(change_request_notice: Notice) -> None:
    first, second = (
        notices.build_notice_email(change_request_notice).message()["Message-ID"] for _ in range(2)
    )

    assert first == second == f"<notice-{change_request_notice.pk}@127.0.0.1>"


def test_the_job_of_a_deleted_notice_sends_no_email(
    change_request_notice: Notice, mailoutbox: list[EmailMessage]
) -> None:
    job = Job.objects.for_subject(change_request_notice.pk).get()
    change_request_notice.delete()

    work_task(job.queue)

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert mailoutbox == []


def test_no_email_is_sent_about_a_story_withdrawn_after_the_decision(
    submitted_story: Story, bo: User, mo: User, mailoutbox: list[EmailMessage]
) -> None:
    decision = decisions.approve_story(
        submitted_story, approving_submission(claim_for_reviewer(submitted_story, by=mo)), by=mo
    )
    publishing.withdraw_story(decision.story, by=bo)

    assert not notices.send_notice_email(Notice.objects.get())
    assert mailoutbox == []


def test_an_inactive_teller_gets_no_email(
    change_request_notice: Notice, bo: User, mailoutbox: list[EmailMessage]
) -> None:
    bo.is_active = False
    bo.save()

    assert not notices.send_notice_email(change_request_notice)
    assert mailoutbox == []


def test_marking_a_notice_read_again_keeps_the_first_time(change_request_notice: Notice, bo: User) -> None:
    assert Notice.objects.to_person(bo).unread().count() == 1

    first = notices.mark_notice_read(change_request_notice, by=bo).read_at
    assert notices.mark_notice_read(change_request_notice, by=bo).read_at == first
    assert first is not None
    assert first <= timezone.now()
    assert not Notice.objects.to_person(bo).unread().exists()


def test_only_the_recipient_can_mark_a_notice_read(
    change_request_notice: Notice, sam: User, mo: User
) -> None:
    for person in (sam, mo):
        with pytest.raises(notices.NotYourNotice):
            notices.mark_notice_read(change_request_notice, by=person)
    change_request_notice.refresh_from_db()
    assert change_request_notice.read_at is None


def test_a_notice_is_not_written_in_the_language_of_the_reviewer(
    submitted_story: Story, mo: User, tmp_path: Path, settings: Settings
) -> None:
    write_pseudo_locales(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en-gb", "English"), (LEFT_TO_RIGHT.code, "Pseudo")]
    review = approving_submission(claim_for_reviewer(submitted_story, by=mo), reasons=["advertising"])

    with translation.override(LEFT_TO_RIGHT.code):
        decision = decisions.decline_story(submitted_story, review, by=mo)
        label = str(DECISION_REASONS["advertising"].label)

    assert label.startswith("[")
    assert decision.story.events.latest("at").reason == "Advertises something"
    assert "\n\nAdvertises something\n" in Notice.objects.get().words


def test_a_notice_has_one_paragraph_for_the_opening_each_reason_and_the_note(
    change_request_notice: Notice,
) -> None:
    opening, first, second, note = change_request_notice.words.split("\n\n")

    assert opening == str(notices.NOTICE_OPENINGS[Notice.Kind.CHANGES])
    for paragraph, code in ((first, "third_party_named"), (second, "content_notes_do_not_fit")):
        reason = DECISION_REASONS[code]
        assert paragraph == f"{reason.label}\n{reason.to_teller}\n{reason.fix}"
    assert note == "A note from the reviewer: The name falls at 0:12."


def test_a_notice_without_a_note_ends_with_the_last_reason() -> None:
    text = notices.notice_text(Notice.Kind.CHANGES, ["advertising"], "  ")

    assert text.endswith(str(DECISION_REASONS["advertising"].fix))


def test_the_email_to_a_teller_without_a_handle_has_a_greeting_without_a_name(
    change_request_notice: Notice,
) -> None:
    change_request_notice.person.handle = ""

    assert str(notices.build_notice_email(change_request_notice).body).startswith("Hello,\n")


def test_sending_a_notice_locks_the_row_of_the_notice_only_and_reports_whether_it_was_sent(
    change_request_notice: Notice, mailoutbox: list[EmailMessage]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert notices.send_notice_email(change_request_notice) is True
    assert notices.send_notice_email(change_request_notice) is False

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "moderation_notice"']
    assert len(mailoutbox) == 1


def test_marking_a_notice_read_leaves_other_notices_unread(change_request_notice: Notice, bo: User) -> None:
    other = Notice.objects.create(
        person=bo, story=change_request_notice.story, kind=Notice.Kind.CHANGES, words="Another"
    )

    notices.mark_notice_read(change_request_notice, by=bo)

    assert list(Notice.objects.to_person(bo).unread()) == [other]
