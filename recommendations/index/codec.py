"""Encodes stories as rows of the search table and decodes them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from accounts.content_notes import ContentNote
from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.bulk_read import Table
from matching.codes import Codes, codebook_for
from matching.keys import UuidArray, hash_keys, uuid_of
from matching.records import RoleModelKind, StoryFacts
from matching.story_table import OUTCOMES, StoryTable, encode_bitmask
from matching.traits import Answers
from stories.models import Strategy

FACT_COLUMNS: Mapping[str, str] = {
    "teller": "uuid",
    "start_rung": "smallint",
    "end_rung": "smallint",
    "model_kind": "smallint",
    "outcome": "smallint",
    "language": "bigint",
    "captions": "boolean",
    "content_notes": "integer",
    "strategies": "integer",
}
MODEL_KINDS = tuple(RoleModelKind)
CONTENT_NOTES, STRATEGIES = tuple(ContentNote.values), tuple(Strategy.values)
CODEBOOK = codebook_for(TRAIT_CATALOGUE)


def encode_facts(facts: StoryFacts) -> tuple[object, ...]:
    """Return the values of `FACT_COLUMNS`, in their order."""
    return (
        facts.teller,
        facts.start_rung,
        facts.end_rung,
        MODEL_KINDS.index(facts.model_kind),
        OUTCOMES.index(facts.outcome),
        int.from_bytes(facts.language.encode()[:8].ljust(8, b"\0"), "big", signed=True),
        facts.has_captions,
        encode_bitmask(facts.content_notes, CONTENT_NOTES),
        encode_bitmask(facts.strategies, STRATEGIES),
    )


def as_mappings(rows: Table) -> list[Mapping[str, Any]]:
    """Convert rows to Python values by column name, for `decode_facts` and `decode_traits`."""
    names = rows.dtype.names or ()
    return [dict(zip(names, values, strict=True)) for values in rows.tolist()]


def decode_facts(row: np.void | Mapping[str, Any]) -> StoryFacts:
    return StoryFacts(
        key=uuid_of(row["key"]),
        teller=uuid_of(row["teller"]),
        challenge=int(row["challenge"]),
        start_rung=int(row["start_rung"]),
        end_rung=int(row["end_rung"]),
        model_kind=MODEL_KINDS[row["model_kind"]],
        outcome=OUTCOMES[row["outcome"]],
        language=_decode_language(int(row["language"])),
        has_captions=bool(row["captions"]),
        content_notes=_decode_bitmask(int(row["content_notes"]), CONTENT_NOTES),
        strategies=_decode_bitmask(int(row["strategies"]), STRATEGIES),
    )


def decode_traits(row: np.void | Mapping[str, Any]) -> Answers:
    return CODEBOOK.decode([int(row[f"t{number}"]) for number in range(len(TRAIT_CATALOGUE))])


def trait_codes(rows: Table) -> Codes:
    """Return the codes of all traits, shape (rows, traits)."""
    return np.stack([rows[f"t{number}"] for number in range(len(TRAIT_CATALOGUE))], axis=1).astype(np.uint16)


def story_keys(rows: Table) -> UuidArray:
    return UuidArray(rows["key"].copy())


def sort_rows_by_key(rows: Table) -> Table:
    """Return rows in ascending order of keys, as in a StoryTable."""
    return rows[np.argsort(rows["key"], kind="stable")]


def decode_story_table(rows: Table, challenge: int) -> StoryTable:
    """Return the columns that the gates need, from the sorted rows of one challenge."""
    tellers, teller_index = np.unique(rows["teller"], return_inverse=True)
    language_numbers, language_index = np.unique(rows["language"], return_inverse=True)
    languages = [_decode_language(number) for number in language_numbers.tolist()]
    alphabetical = np.argsort(languages)
    keys = story_keys(rows)
    return StoryTable(
        keys=keys,
        tellers=UuidArray(tellers),
        teller_index=teller_index.astype(np.int64),
        challenge=challenge,
        start_rung=rows["start_rung"].astype(np.int64),
        end_rung=rows["end_rung"].astype(np.int64),
        is_coping=rows["model_kind"] == MODEL_KINDS.index(RoleModelKind.COPING),
        outcome_index=rows["outcome"].astype(np.int64),
        languages=[languages[position] for position in alphabetical],
        language_index=np.argsort(alphabetical)[language_index].astype(np.int64),
        has_captions=rows["captions"].copy(),
        content_note_names=CONTENT_NOTES,
        content_note_bits=rows["content_notes"].astype(np.int64),
        key_hashes=hash_keys(keys),
    )


def _decode_bitmask(bits: int, names: Sequence[str]) -> frozenset[str]:
    return frozenset(name for position, name in enumerate(names) if bits >> position & 1)


def _decode_language(number: int) -> str:
    return number.to_bytes(8, "big", signed=True).rstrip(b"\0").decode()
