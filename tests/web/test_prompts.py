from stories.models import ChapterKind
from web.prompts import prompts


def test_every_kind_of_chapter_is_asked_for_once_and_in_the_order_of_telling() -> None:
    assert [prompt.kind for prompt in prompts()] == ChapterKind.values
    assert len({prompt.words for prompt in prompts()}) == len(ChapterKind.values)
