"""Content notes: topics in a story that viewers can mute."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ContentNote(TextChoices):
    """A viewer who mutes a note never sees a story with this note."""

    VIOLENCE = "violence", _("Violence")
    SEX = "sex", _("Sex")
    STIGMA = "stigma", _("Stigma and discrimination")
    DISTURBING = "disturbing", _("Disturbing scenes")
    LANGUAGE = "language", _("Strong language")
    RISKY_BEHAVIOUR = "risky_behaviour", _("Risky behaviour")
    MENTAL_HEALTH = "mental_health", _("Mental ill health")
    DEATH = "death", _("Death and grief")
    PARENTAL_GUIDANCE = "parental_guidance", _("Not for children")
    CRIME = "crime", _("Crime")
    ABUSE = "abuse", _("Abuse")
    SOCIO_POLITICAL = "socio_political", _("Politics and conflict")
    FLASHING_LIGHTS = "flashing_lights", _("Flashing lights")
    OBJECTS = "objects", _("Needles, blood and other common fears")
