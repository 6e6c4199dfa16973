"""Notifies tellers of decisions about their stories: in full on the site, and with a short email.

The email does not mention the story's content, because people read email on shared screens. Notices are stored as text,
and accounts have no language of their own, so both texts are in `settings.LANGUAGE_CODE`.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from domain_errors.categories import NotFoundError
from jobs import queue
from moderation.models import Decision, Notice, Verdict
from moderation.rubric import DECISION_REASONS
from stories.models import StoryState

NOTIFY_TELLER_JOB = "moderation.tell_teller"
EMAIL_SUBJECT = _("News about your story")

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
NOTICE_OPENINGS: dict[str, Promise] = {
    Notice.Kind.PUBLISHED: _(
        "A reviewer has looked at your story, and it is now open to members. Thank you for telling it. You can hide "
        "or withdraw it at any time, with immediate effect."
    ),
    Notice.Kind.CHANGES: _(
        "A reviewer has looked at your story. Before members can see it, we ask you to change something. Nothing "
        "is lost, and there is no hurry: change it when it suits you and submit it again."
    ),
    Notice.Kind.DECLINED: _(
        "A reviewer has looked at your story, and we cannot publish it. This is about the recording and the people "
        "who might watch it, not about you or what you have managed. Below we explain why, and what would help if "
        "you would like to tell it again. Only you and the reviewers have seen it."
    ),
}
EMAIL_SUMMARIES: dict[str, Promise] = {
    Notice.Kind.PUBLISHED: _(
        "A reviewer has looked at your story, and it is now open to members. Thank you for telling it."
    ),
    Notice.Kind.CHANGES: _(
        "A reviewer has looked at your story and asks you to change something. There is no hurry."
    ),
    Notice.Kind.DECLINED: _(
        "A reviewer has looked at your story, and we cannot publish it as it is. We have explained why, and what "
        "would help."
    ),
}


class NotYourNotice(NotFoundError):
    pass


def notify_teller(decision: Decision) -> Notice | None:
    """Create the teller's notice about a decision and enqueue its email; None for an escalation."""
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
    """Return the opening, each reason with what would help, and the reviewer's note, as paragraphs."""
    with translation.override(settings.LANGUAGE_CODE):
        paragraphs = [str(NOTICE_OPENINGS[kind])]
        for code in reasons:
            reason = DECISION_REASONS[code]
            paragraphs.append(f"{reason.label}\n{reason.to_teller}\n{reason.fix}")
        if note.strip():
            paragraphs.append(gettext("A note from the reviewer: %(note)s") % {"note": note.strip()})
    return "\n\n".join(paragraphs)


def mark_notice_read(notice: Notice, *, by: User) -> Notice:
    """Record when the teller first read the notice. Idempotent. Raises NotYourNotice."""
    if notice.person_id != by.pk:
        raise NotYourNotice
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=Now())
    notice.refresh_from_db(fields=["read_at"])
    return notice


def send_notice_email(notice: Notice) -> bool:
    """Send the email unless it was sent or is outdated; return whether it was sent.

    Idempotent; a duplicate after a crash carries the same Message-ID.
    """
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.mailed_at is not None or not _is_current(locked):
            return False
        build_notice_email(locked).send()
        locked.mailed_at = Now()
        locked.save(update_fields=["mailed_at"])
    return True


def build_notice_email(notice: Notice) -> EmailMessage:
    """Return the email of a notice, without any content of the story."""
    origin, name = settings.PUBLIC_ORIGIN, notice.person.handle
    with translation.override(settings.LANGUAGE_CODE):
        paragraphs = [
            gettext("Hello %(name)s,") % {"name": name} if name else gettext("Hello,"),
            str(EMAIL_SUMMARIES[notice.kind]),
            gettext("To read more, log in and open “Your stories”: %(url)s") % {"url": origin},
            gettext("If today is a hard day, these people will listen: %(url)s")
            % {"url": f"{origin}/help-now"},
            gettext("Best wishes\nSameboat"),
        ]
        subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{EMAIL_SUBJECT}"
    return EmailMessage(
        subject=subject,
        body="\n\n".join(paragraphs) + "\n",
        to=[notice.person.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{urlsplit(origin).hostname}>"},
    )


def _is_current(notice: Notice) -> bool:
    """Return whether the story is still in the notice's state; the teller may have withdrawn it, for example."""
    return notice.person.is_active and notice.story.state == STATE_BY_NOTICE_KIND[notice.kind]
