"""Whether the house stands."""

from rest_framework import serializers

from api.serializers.strict import Told


class Alive(Told):
    """The web server runs."""

    status = serializers.ChoiceField(choices=["alive"])
    example = {"status": "alive"}


class Ready(Told):
    """Everything that we lean on answers."""

    status = serializers.ChoiceField(choices=["ready"])
    example = {"status": "ready"}
