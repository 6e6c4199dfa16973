"""Every model describes itself in the shell and in logs."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from accounts.models import User

OUR_MODELS = [
    model
    for config in apps.get_app_configs()
    if Path(config.path).parent == Path(settings.BASE_DIR)
    for model in config.get_models()
]


def has_default_text(model: type[Model]) -> bool:
    instance = model()
    return str(instance) == Model.__str__(instance)


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_model_defines_str(model: type[Model]) -> None:
    assert not has_default_text(model)


def test_user_text_does_not_contain_the_email_address() -> None:
    assert "ana@example.test" not in str(User(email="ana@example.test", handle="Ana"))
