"""Which messages translators get, from which sources."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.utils.translation import TranslatorCommentWarning
from pytest_django import Settings

from accounts import consent_text_loading
from challenges import loading as catalogue_loading
from config.message_extraction import DOMAINS, build_catalogue, catalogue_text, source_files


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Path:
    """An empty project in place of ours."""
    settings.BASE_DIR = tmp_path
    return tmp_path


def write(project: Path, name: str, text: str) -> None:
    path = project / "web" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def messages_of(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_template_tags_give_the_messages_that_django_looks_up(project: Path) -> None:
    write(
        project,
        "templates/page.html",
        """{% load i18n %}
          <p title="{% translate "Log in" %}">{% blocktranslate trimmed with name=story.name %}
              Told by
              {{ name }}
            {% endblocktranslate %}</p>
        {% include "part.html" with low=_("not at all") %}
      {% blocktranslate count n=n %}{{ n }} story is 100% done{% plural %}{{ n }} stories are{% endblocktranslate %}
        """,
    )

    ids = {message.id for message in messages_of(build_catalogue("django"))}

    assert ids == {
        "Log in",
        "Told by %(name)s",
        "not at all",
        ("%(n)s story is 100%% done", "%(n)s stories are"),
    }


def test_context_and_a_comment_for_translators_are_kept(project: Path) -> None:
    write(
        project,
        "templates/page.html",
        '{# Translators: the start of a caption #}\n{% translate "from" context "time" %}\n',
    )

    (message,) = messages_of(build_catalogue("django"))

    assert (message.id, message.context) == ("from", "time")
    assert message.auto_comments == ["Translators: the start of a caption"]


def test_a_comment_for_translators_that_django_would_ignore_is_an_error(project: Path) -> None:
    write(project, "templates/page.html", '{# Translators: lost #}{% translate "from" %}\n')
    with pytest.raises(TranslatorCommentWarning):
        build_catalogue("django")


def test_scripts_have_their_own_domain_without_their_tests(project: Path) -> None:
    write(project, "static/web/upload.js", 'const text = ngettext("%s file", "%s files", count);')
    write(project, "static/web/upload.test.js", 'gettext("only a test")')
    write(project, "templates/page.html", '{% translate "Log in" %}')

    (message,) = messages_of(build_catalogue("djangojs"))

    assert message.id == ("%s file", "%s files")


def test_references_name_files_without_lines_so_that_moved_text_changes_nothing(project: Path) -> None:
    write(project, "templates/page.html", '{% translate "Log in" %}\n')
    before = catalogue_text("django")
    write(project, "templates/page.html", '<p></p>\n\n{% translate "Log in" %}\n')

    assert catalogue_text("django") == before
    assert "#: web/templates/page.html\n" in before


def test_texts_of_the_challenge_catalogue_are_messages(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_loading, "CATALOGUE_DIR", project / "catalogue")
    catalogue_loading.CATALOGUE_DIR.mkdir()
    (catalogue_loading.CATALOGUE_DIR / "speaking.toml").write_text(
        '[domain]\nslug = "speaking"\nname = "Speaking up"\n[[challenge]]\nslug = "phone"\ntitle = "Call a stranger"\n'
    )

    messages = messages_of(build_catalogue("django"))

    assert {message.id for message in messages} == {"Speaking up", "Call a stranger"}
    assert {path for message in messages for path, _ in message.locations} == {"catalogue/speaking.toml"}


def test_paragraphs_of_the_consent_text_are_messages(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_text_loading, "TEXTS_DIR", project / "texts")
    consent_text_loading.TEXTS_DIR.mkdir()
    (consent_text_loading.TEXTS_DIR / "1.txt").write_text("You may withdraw.\n\nYour story\nis yours.\n")

    ids = {message.id for message in messages_of(build_catalogue("django"))}

    assert ids == {"You may withdraw.", "Your story\nis yours."}


def test_scripts_do_not_share_the_messages_of_data_files() -> None:
    assert {path.suffix for path in source_files("djangojs")} == {".js"}


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_catalogue_of_the_product_is_a_valid_po_file_from_many_sources(domain: str) -> None:
    catalogue = read_po(BytesIO(catalogue_text(domain).encode()), abort_invalid=True)
    assert len(messages_of(catalogue)) > 20
    assert len(source_files(domain)) > 10


def test_python_modules_of_every_package_are_sources() -> None:
    packages = {path.parts[-2] for path in source_files("django") if path.suffix == ".py"}
    assert {"accounts", "web", "matching"} <= packages
