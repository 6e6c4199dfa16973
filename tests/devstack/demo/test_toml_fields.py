import pytest

from devstack.demo.script import Palette
from devstack.demo.toml_fields import InvalidScript, TomlFields


def fields(**table: object) -> TomlFields:
    return TomlFields(table, location="here")


def test_text_is_stripped() -> None:
    assert fields(title="  One sentence \n").get_text("title") == "One sentence"


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("get_text", 3),
        ("get_text", "  "),
        ("get_int", "3"),
        ("get_int", True),
        ("get_int", 1.5),
        ("get_bool", 1),
        ("get_text_list", "one"),
        ("get_text_list", ["one", 2]),
        ("get_text_list", ["one", "one"]),
        ("get_table", []),
        ("get_tables", []),
        ("get_tables", ["one"]),
    ],
)
def test_a_wrong_type_raises_with_the_key(reader: str, value: object) -> None:
    with pytest.raises(InvalidScript, match="here: it "):
        getattr(fields(it=value), reader)("it")


def test_a_missing_key_raises_with_the_key() -> None:
    with pytest.raises(InvalidScript, match="here: title is missing"):
        fields().get_text("title")


def test_a_missing_optional_key_is_none() -> None:
    assert fields().get_optional_text("barrier") is None
    assert fields().get_optional_int("rung") is None


def test_an_unknown_choice_raises_with_the_choices() -> None:
    with pytest.raises(InvalidScript, match="'mauve'; must be one of dawn, moss"):
        fields(palette="mauve").get_choice("palette", Palette)


def test_an_unread_key_raises() -> None:
    table = fields(title="A", tittle="B")
    table.get_text("title")
    with pytest.raises(InvalidScript, match="unknown keys: tittle"):
        table.reject_unread_keys()
