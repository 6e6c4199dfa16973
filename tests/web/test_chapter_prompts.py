from stories.models import ChapterKind
from web.chapter_prompts import chapter_prompts


def test_each_chapter_kind_has_one_prompt_in_story_order() -> None:
    assert [prompt.kind for prompt in chapter_prompts()] == ChapterKind.values
    assert len({prompt.text for prompt in chapter_prompts()}) == len(ChapterKind.values)
