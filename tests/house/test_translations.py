"""Everything that a person reads goes through gettext."""

from pathlib import Path

import pytest

from tests.house.literals import literals_in_python, literals_in_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for path in (ROOT / "web" / "templates").rglob("*") if path.suffix in {".html", ".txt"}
)
# Grows as the text of a package is translated; a listed package never loses its translations again.
TRANSLATED_PACKAGES: tuple[str, ...] = (
    "config",
    "moderation",
    "practice",
    "recommendations",
    "stories",
    "web",
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_holds_no_text_outside_translation_tags(path: Path) -> None:
    assert literals_in_template(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("package", TRANSLATED_PACKAGES)
def test_labels_and_messages_of_a_translated_package_go_through_gettext(package: str) -> None:
    untranslated = [
        f"{name_of(path)}: {literal}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
        for literal in literals_in_python(path.read_text(encoding="utf-8"))
    ]
    assert untranslated == []


@pytest.mark.parametrize(
    ("source", "literals"),
    [
        ("<p>Log in</p>", ["Log in"]),
        ('<p>{% translate "Log in" %}</p>', []),
        ("<p>{% blocktranslate %}Told by {{ name }}{% endblocktranslate %} · {{ length }}</p>", []),
        ("{{ number }} stor{{ number|pluralize:'y,ies' }}", ["stor"]),
        ('<nav aria-label="Main"></nav>', ["aria-label=Main"]),
        ('<nav aria-label="{% translate "Main" %}"></nav>', []),
        ('<img alt="{{ number }}. picture">', ["alt=. picture"]),
        ('<a class="button" href="/help-now">?</a>', []),
        ("{% block width %}wide{% endblock width %}", []),
        ("{% block title %}Account{% endblock title %}", ["Account"]),
        ('{% include "scale.html" with low="not at all" %}', ['low="not at all"']),
        ('{% include "scale.html" with low=_("not at all") %}', []),
        ('<pre translate="no">WEBVTT</pre><b>Sameboat</b>', []),
        ("{# Why this is so. #}{% comment %}For translators.{% endcomment %}", []),
        ("<script>const text = 1;</script>", []),
    ],
)
def test_literals_in_templates_are_found(source: str, literals: list[str]) -> None:
    assert literals_in_template(source) == literals


@pytest.mark.parametrize(
    ("source", "literals"),
    [
        ("forms.CharField(label='Title')", ["Title"]),
        ("forms.CharField(label=gettext_lazy('Title'))", []),
        (
            "forms.CharField(help_text='Short.', error_messages={'required': 'Write one.'})",
            ["Short.", "Write one."],
        ),
        ("messages.info(request, 'Saved.')", ["Saved."]),
        ("messages.info(request, f'{name} is saved.')", ["f'{name} is saved.'"]),
        ("logger.info(request, 'Saved.')", []),
        ("raise ValidationError('Too long.')", ["Too long."]),
        ("class State(models.TextChoices):\n    DRAFT = 'draft', 'Draft'", ["Draft"]),
        ("class State(models.TextChoices):\n    DRAFT = 'draft', gettext_lazy('Draft')", []),
    ],
)
def test_literals_in_python_are_found(source: str, literals: list[str]) -> None:
    assert list(literals_in_python(source)) == literals
