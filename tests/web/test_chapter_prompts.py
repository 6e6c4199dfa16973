from stories.models import ChapterKind
from web.chapter_prompts import chapter_prompts


def test_every_kind_of_chapter_is_asked_for_once_and_in_the_order_of_telling() -> None:
    assert [prompt.kind for prompt in chapter_prompts()] == ChapterKind.values
    assert len({prompt.text for prompt in chapter_prompts()}) == len(ChapterKind.values)
