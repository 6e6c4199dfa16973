import pytest

from devstack.demo.script import Palette
from devstack.demo.toml_fields import InvalidScript, TomlFields


def fields(**table: object) -> TomlFields:
    return TomlFields(table, location="here")


def test_words_come_back_without_the_spaces_around_them() -> None:
    assert fields(title="  One sentence \n").get_text("title") == "One sentence"


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("text", 3),
        ("text", "  "),
        ("whole", "3"),
        ("whole", True),
        ("whole", 1.5),
        ("flag", 1),
        ("texts", "one"),
        ("texts", ["one", 2]),
        ("texts", ["one", "one"]),
        ("table", []),
        ("tables", []),
        ("tables", ["one"]),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_by_name(reader: str, value: object) -> None:
    with pytest.raises(InvalidScript, match="here: it "):
        getattr(fields(it=value), reader)("it")


def test_a_missing_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidScript, match="here: title is missing"):
        fields().get_text("title")


def test_a_field_that_may_be_missing_is_none_then() -> None:
    assert fields().get_optional_text("barrier") is None
    assert fields().get_optional_int("rung") is None


def test_a_word_outside_the_choices_is_refused_with_the_choices() -> None:
    with pytest.raises(InvalidScript, match="'mauve', which is none of dawn, moss"):
        fields(palette="mauve").get_choice("palette", Palette)


def test_a_field_that_nobody_reads_is_refused() -> None:
    opened = fields(title="A", tittle="B")
    opened.get_text("title")
    with pytest.raises(InvalidScript, match="nobody reads tittle"):
        opened.reject_unread_keys()
