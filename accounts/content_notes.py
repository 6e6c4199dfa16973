"""The fourteen content notes: what a story may contain that somebody may not want to meet."""

from django.db.models import TextChoices


class ContentNote(TextChoices):
    """One domain of content; a viewer who mutes it never meets a story that carries it."""

    VIOLENCE = "violence", "Violence"
    SEX = "sex", "Sex"
    STIGMA = "stigma", "Stigma and discrimination"
    DISTURBING = "disturbing", "Disturbing scenes"
    LANGUAGE = "language", "Strong language"
    RISKY_BEHAVIOUR = "risky_behaviour", "Risky behaviour"
    MENTAL_HEALTH = "mental_health", "Mental ill-health"
    DEATH = "death", "Death and grief"
    PARENTAL_GUIDANCE = "parental_guidance", "Not for children"
    CRIME = "crime", "Crime"
    ABUSE = "abuse", "Abuse"
    SOCIO_POLITICAL = "socio_political", "Politics and conflict"
    FLASHING_LIGHTS = "flashing_lights", "Flashing lights"
    OBJECTS = "objects", "Needles, blood and other feared things"
