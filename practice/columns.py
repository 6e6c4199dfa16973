"""What the columns of the roll say of a story, there and back."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from accounts.notes import ContentNote
from accounts.traits import CATALOGUE
from matching import ModelKind, StoryFacts
from matching.crowd import OUTCOMES, Crowd, bits_of, words_of
from matching.engines.codes import mask_book
from matching.engines.fetching import Table
from matching.engines.keys import Uuids
from matching.traits import Answers
from stories.models import Strategy

FACTS: Mapping[str, str] = {
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
MODEL_KINDS = tuple(ModelKind)
NOTES, STRATEGIES = tuple(ContentNote.values), tuple(Strategy.values)
BOOK = mask_book(CATALOGUE)


def numbers_of(facts: StoryFacts) -> tuple[object, ...]:
    """Return what stands in the columns of `FACTS`."""
    return (
        facts.teller,
        facts.start_rung,
        facts.end_rung,
        MODEL_KINDS.index(facts.model_kind),
        OUTCOMES.index(facts.outcome),
        int.from_bytes(facts.language.encode()[:8].ljust(8, b"\0"), "big", signed=True),
        facts.captions,
        bits_of(facts.content_notes, NOTES),
        bits_of(facts.strategy, STRATEGIES),
    )


def facts_on(row: np.void) -> StoryFacts:
    return StoryFacts(
        key=_key(row["key"]),
        teller=_key(row["teller"]),
        challenge=int(row["challenge"]),
        start_rung=int(row["start_rung"]),
        end_rung=int(row["end_rung"]),
        model_kind=MODEL_KINDS[row["model_kind"]],
        outcome=OUTCOMES[row["outcome"]],
        language=_text(int(row["language"])),
        captions=bool(row["captions"]),
        content_notes=_named(int(row["content_notes"]), NOTES),
        strategy=_named(int(row["strategies"]), STRATEGIES),
    )


def traits_on(row: np.void) -> Answers:
    return BOOK.answers([int(row[f"t{number}"]) for number in range(len(CATALOGUE))])


def codes_on(rows: Table) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Return the codes of all traits, shape (rows, traits)."""
    return np.stack([rows[f"t{number}"] for number in range(len(CATALOGUE))], axis=1).astype(np.uint16)


def keys_on(rows: Table) -> Uuids:
    return Uuids.of(rows["key"])


def in_order(rows: Table) -> Table:
    """Return rows by rising keys, as a crowd has its stories."""
    return rows[np.argsort(rows["key"], kind="stable")]


def crowd_on(rows: Table, challenge: int) -> Crowd:
    """Return what the gates need of a challenge's stories, from rows in order."""
    tellers, teller = np.unique(rows["teller"], return_inverse=True)
    languages, language = np.unique(rows["language"], return_inverse=True)
    texts = [_text(number) for number in languages.tolist()]
    rising = np.argsort(texts)
    keys = keys_on(rows)
    return Crowd(
        keys=keys,
        tellers=Uuids.of(tellers),
        teller=teller.astype(np.int64),
        challenge=challenge,
        start_rung=rows["start_rung"].astype(np.int64),
        end_rung=rows["end_rung"].astype(np.int64),
        coping=rows["model_kind"] == MODEL_KINDS.index(ModelKind.COPING),
        outcome=rows["outcome"].astype(np.int64),
        languages=[texts[place] for place in rising],
        language=np.argsort(rising)[language].astype(np.int64),
        captions=rows["captions"].copy(),
        note_names=NOTES,
        notes=rows["content_notes"].astype(np.int64),
        words=words_of(keys.high, keys.low),
    )


def _key(raw: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=raw.ljust(16, b"\0"))  # numpy leaves zeros at the end away


def _named(bits: int, names: Sequence[str]) -> frozenset[str]:
    return frozenset(one for place, one in enumerate(names) if bits >> place & 1)


def _text(number: int) -> str:
    return number.to_bytes(8, "big", signed=True).rstrip(b"\0").decode()
