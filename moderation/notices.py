"""Tell a teller what became of their story: in full on their own page, with a hint by e-mail.

The e-mail says nothing about the story itself, because mailboxes are read on shared screens.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from jobs import desk
from moderation.models import Decision, Notice, Verdict
from moderation.rubric import REASONS
from stories.models import StoryState

TELL_TELLER = "moderation.tell_teller"
SUBJECT = "News about your story"

KIND_OF: dict[str, Notice.Kind] = {
    Verdict.APPROVE: Notice.Kind.PUBLISHED,
    Verdict.CHANGES: Notice.Kind.CHANGES,
    Verdict.DECLINE: Notice.Kind.DECLINED,
}
STATE_TOLD: dict[str, StoryState] = {
    Notice.Kind.PUBLISHED: StoryState.PUBLISHED,
    Notice.Kind.CHANGES: StoryState.CHANGES_REQUESTED,
    Notice.Kind.DECLINED: StoryState.DECLINED,
}
OPENINGS: dict[str, str] = {
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
LETTERS: dict[str, str] = {
    Notice.Kind.PUBLISHED: "A reviewer has looked at it, and it is open to members now. Thank you for telling it.",
    Notice.Kind.CHANGES: "A reviewer has looked at it and asks you to change something. There is no hurry.",
    Notice.Kind.DECLINED: (
        "A reviewer has looked at it, and it will not be published as it is. We have written down why, and what "
        "would make the difference."
    ),
}


class NotYourNotice(Exception):
    """Only the person whom it was written to may read a notice."""


def tell(decision: Decision) -> Notice | None:
    """Write the teller's notice about a decision and hand in its e-mail; None for one that they do not hear of."""
    kind = KIND_OF.get(decision.verdict)
    if kind is None:
        return None
    notice = Notice.objects.create(
        person=decision.story.teller,
        story=decision.story,
        kind=kind,
        words=words(kind, decision.reasons, decision.note_to_teller),
    )
    desk.enqueue(TELL_TELLER, notice.pk, whose=notice.person_id)
    return notice


def words(kind: Notice.Kind, reasons: list[str], note: str) -> str:
    """Return what the teller reads: how it stands, each reason with what would help, and the reviewer's own note."""
    parts = [OPENINGS[kind]]
    parts += [f"{REASONS[code].label}. {REASONS[code].to_teller} {REASONS[code].fix}" for code in reasons]
    if note.strip():
        parts.append(f"The reviewer adds: {note.strip()}")
    return "\n\n".join(parts)


def read(notice: Notice, *, by: User) -> Notice:
    """Note that the teller has read it; again is harmless. Raises NotYourNotice."""
    if notice.person_id != by.pk:
        raise NotYourNotice
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=Now())
    notice.refresh_from_db(fields=["read_at"])
    return notice


def mail(notice: Notice) -> bool:
    """Send the e-mail unless it was sent, or is no longer true; return whether it went out. Safe to run twice.

    Should the machine stop between sending and keeping that, the second message carries the same Message-ID,
    by which mail programs tell that they have it already.
    """
    with transaction.atomic():
        fresh = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if fresh.mailed_at is not None or not _still_so(fresh):
            return False
        letter(fresh).send()
        fresh.mailed_at = Now()
        fresh.save(update_fields=["mailed_at"])
    return True


def letter(notice: Notice) -> EmailMessage:
    """Return the e-mail of a notice: plain, short, and harmless on somebody else's screen."""
    origin = settings.PUBLIC_ORIGIN
    text = (
        f"Hello {notice.person.handle or 'there'},\n\n"
        f"there is news about a story of yours. {LETTERS[notice.kind]}\n\n"
        f"To read more, sign in and open “Your stories”: {origin}\n\n"
        f"If today is a hard day, these people listen: {origin}/help-now\n\n"
        "All the best\nSameboat\n"
    )
    identity = f"<notice-{notice.pk}@{urlsplit(origin).hostname}>"
    return EmailMessage(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{SUBJECT}",
        body=text,
        to=[notice.person.email],
        headers={"Message-ID": identity},
    )


def _still_so(notice: Notice) -> bool:
    """Return whether the news still holds: the teller may have taken the story back in the meantime."""
    return notice.person.is_active and notice.story.state == STATE_TOLD[notice.kind]
