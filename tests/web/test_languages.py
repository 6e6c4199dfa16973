"""Language of a request, the JavaScript catalogue, and static pages per language."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from media.models import Video
from tests.pseudo_locales import LEFT_TO_RIGHT, RIGHT_TO_LEFT, write_pseudo_locales
from tests.web.clients import logged_in_client
from tests.web.html_pages import parse_page
from tests.web.playable_stories import published_story_with_media
from web.crisis import render_help_page
from web.error_pages import ERROR_PAGES, not_found

LETTER = re.compile(r"[^\W\d_]")
BRACKETED = re.compile(r"\[[^][]*\]")
CODE = "Q7K2"


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    write_pseudo_locales(folder)
    return folder


@pytest.fixture
def _pseudo_locales(catalogues: Path, settings: Settings) -> None:
    settings.LANGUAGES = [
        ("en-gb", "English"),
        (LEFT_TO_RIGHT.code, "Pseudo"),
        (RIGHT_TO_LEFT.code, "Pseudo"),
    ]
    settings.LOCALE_PATHS = [catalogues]


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["en-US,en;q=0.8", "xx", "", "en-xa"])
def test_unsupported_language_falls_back_to_british_english(accepted: str) -> None:
    response = Client().get("/", headers={"accept-language": accepted})
    assert '<html lang="en-gb" dir="ltr">' in response.content.decode()
    assert response["Content-Language"] == "en-gb"


@pytest.mark.django_db
@pytest.mark.usefixtures("_pseudo_locales")
def test_supported_language_of_the_browser_is_used() -> None:
    response = Client().get("/", headers={"accept-language": "ar-xb, en;q=0.5"})
    assert '<html lang="ar-xb" dir="rtl">' in response.content.decode()
    assert "Accept-Language" in response["Vary"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_pseudo_locales")
def test_numbers_in_data_attributes_are_not_localised(
    ana: User, bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = published_story_with_media(bo, the_conversation, by=mo)
    Video.objects.update(duration_ms=32_500)
    readings.record_reading(
        the_conversation,
        dict.fromkeys(range(1, 8), 30),
        by=ana,
        moment=ReadingMoment.BEFORE,
        at=timezone.now(),
    )
    page = logged_in_client(ana).get(f"/stories/{story.pk}/", headers={"accept-language": RIGHT_TO_LEFT.code})
    assert 'dir="rtl"' in page.content.decode()
    assert 'data-seconds="32.5"' in page.content.decode()


class TestJavaScriptCatalogue:
    address = "/jsi18n/"

    def test_catalogue_is_served_from_our_origin_without_cookies(self) -> None:
        assert reverse("javascript-catalog") == self.address
        response = Client().get(self.address)
        assert response["Content-Type"].startswith("text/javascript")
        assert "Set-Cookie" not in response

    def test_unchanged_catalogue_answers_304(self) -> None:
        first = Client().get(self.address)
        assert "no-cache" in first["Cache-Control"]
        revalidated = Client().get(self.address, headers={"if-none-match": first["ETag"]})
        assert (revalidated.status_code, revalidated.content) == (304, b"")

    @pytest.mark.usefixtures("_pseudo_locales")
    def test_each_language_has_its_own_etag(self) -> None:
        english = Client().get(self.address)
        pseudo = Client().get(
            self.address, headers={"if-none-match": english["ETag"], "accept-language": LEFT_TO_RIGHT.code}
        )
        assert pseudo.status_code == 200
        assert pseudo["ETag"] != english["ETag"]
        assert "[" in pseudo.content.decode()


@pytest.mark.django_db
def test_pages_load_the_catalogue_before_their_scripts() -> None:
    page = Client().get("/").content.decode()
    assert f'<script src="{reverse("javascript-catalog")}" defer></script>' in page
    assert page.index("/jsi18n/") < page.index("</head>")


def untranslated(text: str) -> str:
    """Return the parts of the text that are not in brackets."""
    while (rest := BRACKETED.sub("", text)) != text:
        text = rest
    return text


@pytest.mark.usefixtures("_pseudo_locales")
def test_crisis_page_is_translated_except_names_of_helplines() -> None:
    page = re.sub("<bdi>.*?</bdi>", "", render_help_page(LEFT_TO_RIGHT.code))
    rest = untranslated(parse_page(page.encode()).text).replace("Sameboat", "")
    assert not LETTER.search(rest), rest


@pytest.mark.usefixtures("_pseudo_locales")
@pytest.mark.parametrize(
    "name",
    [
        "account_already_exists_message",
        "account_already_exists_subject",
        "email_confirm_message",
        "email_confirm_subject",
        "email_confirmation_message",
        "email_confirmation_signup_message",
        "email_confirmation_signup_subject",
        "email_confirmation_subject",
        "password_reset_key_message",
        "password_reset_key_subject",
    ],
)
def test_emails_are_translated(name: str) -> None:
    context = {"code": CODE, "password_reset_url": "//", "activate_url": "//"}
    with translation.override(LEFT_TO_RIGHT.code):
        text = render_to_string(f"account/email/{name}.txt", context)
    rest = untranslated(text).replace(CODE, "").replace("Sameboat", "")
    assert BRACKETED.search(text)
    assert not LETTER.search(rest), rest


@pytest.mark.usefixtures("_pseudo_locales")
def test_static_pages_are_written_in_the_default_language_and_in_each_language(tmp_path: Path) -> None:
    call_command("write_static_pages", str(tmp_path), verbosity=0, stdout=None)
    names = {"help-now.html", *(f"{status}.html" for status in ERROR_PAGES)}
    languages = {".": "en-gb", "en-gb": "en-gb", LEFT_TO_RIGHT.code: LEFT_TO_RIGHT.code, "ar-xb": "ar-xb"}
    for folder, language in languages.items():
        pages = {path.name: path.read_text() for path in (tmp_path / folder).glob("*.html")}
        assert set(pages) == names
        for page in pages.values():
            assert f'<html lang="{language}" dir="{"rtl" if language == "ar-xb" else "ltr"}">' in page
            assert "<script" not in page


@pytest.mark.usefixtures("_pseudo_locales")
@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ar-xb, en;q=0.5", "ar-xb"), ("en-xa", "en-xa"), ("xx", "en-gb"), ("", "en-gb")],
)
def test_crisis_page_is_served_in_the_language_of_the_browser_without_a_query(
    accepted: str, language: str
) -> None:
    # The test is not marked for the database, so any query would fail it.
    response = Client().get("/help-now", headers={"accept-language": accepted})
    assert f'<html lang="{language}"' in response.content.decode()
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@pytest.mark.usefixtures("_pseudo_locales")
def test_crisis_page_is_served_in_the_language_chosen_on_the_site() -> None:
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = RIGHT_TO_LEFT.code
    response = client.get("/help-now", headers={"accept-language": "en"})
    assert response["Content-Language"] == RIGHT_TO_LEFT.code
    assert "Cookie" in response["Vary"]


@pytest.mark.usefixtures("_pseudo_locales")
def test_error_pages_use_the_language_of_the_request_and_not_of_the_thread() -> None:
    request = RequestFactory().get("/", headers={"accept-language": RIGHT_TO_LEFT.code})
    with translation.override(LEFT_TO_RIGHT.code):
        response = not_found(request)
    assert '<html lang="ar-xb" dir="rtl">' in response.content.decode()
    assert response["Content-Language"] == RIGHT_TO_LEFT.code
