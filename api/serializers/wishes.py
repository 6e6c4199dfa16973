"""What somebody does not want to be shown."""

from rest_framework import serializers

from api.serializers.strict import Asked, Flag, Told


class UnwantedAsked(Asked):
    """Whether to choose fewer stories like this one."""

    unwanted = Flag()
    example = {"unwanted": True}


class UnwantedTold(Told):
    """Whether fewer stories like this one are chosen."""

    unwanted = serializers.BooleanField()
    example = {"unwanted": True}


class TellerHiddenAsked(Asked):
    """Whether to be shown nothing more by the teller of this story."""

    hidden = Flag()
    example = {"hidden": True}


class TellerHiddenTold(Told):
    """Whether the teller of this story is kept away."""

    hidden = serializers.BooleanField()
    example = {"hidden": True}
