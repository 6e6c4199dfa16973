"""Tell a teller what became of their story: in full on their own page, with a hint by e-mail.

The e-mail says nothing about the story itself, because mailboxes are read on shared screens.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from domain_errors.categories import NotFoundError
from jobs import queue
from moderation.models import Decision, Notice, Verdict
from moderation.rubric import DECISION_REASONS
from stories.models import StoryState

NOTIFY_TELLER_JOB = "moderation.tell_teller"
EMAIL_SUBJECT = "News about your story"

NOTICE_KIND_BY_VERDICT: dict[str, Notice.Kind] = {
    Verdict.APPROVE: Notice.Kind.PUBLISHED,
    Verdict.CHANGES: Notice.Kind.CHANGES,
    Verdict.DECLINE: Notice.Kind.DECLINED,
}
STATE_BY_NOTICE_KIND: dict[str, StoryState] = {
    Notice.Kind.PUBLISHED: StoryState.PUBLISHED,
    Notice.Kind.CHANGES: StoryState.CHANGES_REQUESTED,
    Notice.Kind.DECLINED: StoryState.DECLINED,
}
NOTICE_OPENINGS: dict[str, str] = {
    Notice.Kind.PUBLISHED: (
        "A reviewer has looked at your story, and it is open to members now. Thank you for telling it. You can "
        "hide it or take it back whenever you like, and that counts at once."
    ),
    Notice.Kind.CHANGES: (
        "A reviewer has looked at your story. Before members can see it, we ask you to change something. Nothing "
        "is lost, and there is no hurry: change it when it suits you and send it again."
    ),
    Notice.Kind.DECLINED: (
        "A reviewer has looked at your story, and we cannot publish it. That is about this recording and the "
        "people who might watch it, not about you or what you managed. Below is why, and what would make the "
        "difference if you would like to tell it again. Nobody but you and the reviewers has seen it."
    ),
}
EMAIL_SUMMARIES: dict[str, str] = {
    Notice.Kind.PUBLISHED: "A reviewer has looked at it, and it is open to members now. Thank you for telling it.",
    Notice.Kind.CHANGES: "A reviewer has looked at it and asks you to change something. There is no hurry.",
    Notice.Kind.DECLINED: (
        "A reviewer has looked at it, and it will not be published as it is. We have written down why, and what "
        "would make the difference."
    ),
}


class NotYourNotice(NotFoundError):
    pass


def notify_teller(decision: Decision) -> Notice | None:
    """Write the teller's notice about a decision and hand in its e-mail; None for one that they do not hear of."""
    kind = NOTICE_KIND_BY_VERDICT.get(decision.verdict)
    if kind is None:
        return None
    notice = Notice.objects.create(
        person=decision.story.teller,
        story=decision.story,
        kind=kind,
        words=notice_text(kind, decision.reasons, decision.note_to_teller),
    )
    queue.enqueue_job(NOTIFY_TELLER_JOB, notice.pk, owner_key=notice.person_id)
    return notice


def notice_text(kind: Notice.Kind, reasons: list[str], note: str) -> str:
    """Return what the teller reads: how it stands, each reason with what would help, and the reviewer's own note."""
    parts = [NOTICE_OPENINGS[kind]]
    parts += [
        f"{DECISION_REASONS[code].label}. {DECISION_REASONS[code].to_teller} {DECISION_REASONS[code].fix}"
        for code in reasons
    ]
    if note.strip():
        parts.append(f"The reviewer adds: {note.strip()}")
    return "\n\n".join(parts)


def mark_notice_read(notice: Notice, *, by: User) -> Notice:
    """Note that the teller has read it; again is harmless. Raises NotYourNotice."""
    if notice.person_id != by.pk:
        raise NotYourNotice
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=Now())
    notice.refresh_from_db(fields=["read_at"])
    return notice


def send_notice_email(notice: Notice) -> bool:
    """Send the e-mail unless it was sent, or is no longer true; return whether it went out. Safe to run twice.

    Should the machine stop between sending and keeping that, the second message carries the same Message-ID,
    by which mail programs tell that they have it already.
    """
    with transaction.atomic():
        fresh = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if fresh.mailed_at is not None or not _is_still_true(fresh):
            return False
        build_notice_email(fresh).send()
        fresh.mailed_at = Now()
        fresh.save(update_fields=["mailed_at"])
    return True


def build_notice_email(notice: Notice) -> EmailMessage:
    """Return the e-mail of a notice: plain, short, and harmless on somebody else's screen."""
    origin = settings.PUBLIC_ORIGIN
    text = (
        f"Hello {notice.person.handle or 'there'},\n\n"
        f"there is news about a story of yours. {EMAIL_SUMMARIES[notice.kind]}\n\n"
        f"To read more, sign in and open “Your stories”: {origin}\n\n"
        f"If today is a hard day, these people listen: {origin}/help-now\n\n"
        "All the best\nSameboat\n"
    )
    identity = f"<notice-{notice.pk}@{urlsplit(origin).hostname}>"
    return EmailMessage(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{EMAIL_SUBJECT}",
        body=text,
        to=[notice.person.email],
        headers={"Message-ID": identity},
    )


def _is_still_true(notice: Notice) -> bool:
    """Return whether the news still holds: the teller may have taken the story back in the meantime."""
    return notice.person.is_active and notice.story.state == STATE_BY_NOTICE_KIND[notice.kind]
