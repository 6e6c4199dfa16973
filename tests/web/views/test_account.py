import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge
from tests.people import PASSWORD
from tests.web.clients import error_summary_of, logged_in_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db


class TestAboutYou:
    def test_answers_weights_and_mutes_are_kept(self, ana: User) -> None:
        logged_in_client(ana).post(
            "/about-you/",
            {
                "traits.age": "34",
                "traits.work_pattern": "nights",
                "traits.interests": ["music", "food"],
                "matters.work_pattern": "4",
                "muted": ["death"],
                "captions_only": "on",
            },
        )
        profile = profiles.get_profile(ana)
        assert profile.traits == {"age": 34, "work_pattern": "nights", "interests": ["food", "music"]}
        assert profile.matters == {"work_pattern": 4}
        assert (profile.muted, profile.captions_only) == (["death"], True)

    def test_everything_may_stay_open(self, ana: User) -> None:
        answer = logged_in_client(ana).post("/about-you/", {"traits.age": "", "traits.living": ""})
        assert answer.status_code == 302
        assert profiles.get_profile(ana).traits == {}

    def test_what_was_said_can_be_taken_back(self, ana: User) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34, "living": "alone"}, muted=["death"]))
        logged_in_client(ana).post("/about-you/", {"traits.age": "34"})
        profile = profiles.get_profile(ana)
        assert profile.traits == {"age": 34}
        assert profile.muted == []

    def test_what_was_said_stands_in_the_form(self, ana: User) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34, "living": "alone"}))
        content = logged_in_client(ana).get("/about-you/").content.decode()
        assert 'value="34"' in content
        assert '<option value="alone" selected>' in content

    def test_identity_counts_for_nothing_until_somebody_says_so(self, ana: User) -> None:
        content = logged_in_client(ana).get("/about-you/").content.decode()
        _, _, gender = content.partition('name="matters.gender"')
        assert '<option value="0" selected>' in gender.partition("</select>")[0]
        _, _, age = content.partition('name="matters.age"')
        assert '<option value="1" selected>' in age.partition("</select>")[0]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"traits.age": "7"}, "traits.age"),
            ({"traits.age": "old"}, "traits.age"),
            ({"traits.living": "on_a_boat"}, "traits.living"),
            ({"muted": ["spiders"]}, "muted"),
        ],
    )
    def test_what_cannot_be_taken_is_said_beside_its_field(
        self, ana: User, given: dict[str, object], field: str
    ) -> None:
        answer = logged_in_client(ana).post("/about-you/", given)
        assert answer.status_code == 400
        assert any(target.startswith(f"#id_{field}") for target in error_summary_of(answer))
        assert profiles.get_profile(ana).traits == {}

    def test_one_goes_on_to_the_stories_one_came_for(self, ana: User, the_conversation: Challenge) -> None:
        answer = logged_in_client(ana).post("/about-you/?for=the-conversation", {"traits.age": "34"})
        assert answer["Location"] == "/challenges/the-conversation/stories/"

    def test_one_is_led_nowhere_else(self, ana: User) -> None:
        assert logged_in_client(ana).get("/about-you/?for=//evil.example").status_code == 404

    def test_nobody_else_is_shown_it(self, ana: User) -> None:
        assert Client().get("/about-you/")["Location"].startswith("/accounts/login/")


class TestJoining:
    def test_an_address_and_a_code_make_an_account(self) -> None:
        browser = Client()
        answer = browser.post(
            "/accounts/signup/", {"email": "eve@example.test", "password1": PASSWORD}, follow=True
        )
        assert parse_page(answer.content).headings == ["Check your email"]
        code = next(
            line.strip()
            for line in str(mail.outbox[0].body).splitlines()
            if line.strip() and line.strip().replace("-", "").isalnum() and line.strip().isupper()
        )
        browser.post("/accounts/confirm-email/", {"code": code})
        assert EmailAddress.objects.get(email="eve@example.test").verified

    def test_the_signup_page_does_not_tell_who_is_a_member(self, ana: User) -> None:
        known = Client().post("/accounts/signup/", {"email": ana.email, "password1": PASSWORD}, follow=True)
        new = Client().post(
            "/accounts/signup/", {"email": "new@example.test", "password1": PASSWORD}, follow=True
        )
        assert parse_page(known.content).headings == parse_page(new.content).headings

    def test_too_many_attempts_are_met_with_a_page_in_plain_words(self, ana: User) -> None:
        browser = Client()
        answers = [
            browser.post("/accounts/login/", {"login": ana.email, "password": f"wrong {n}"})
            for n in range(40)
        ]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert parse_page(refused[0].content).headings == ["Too many attempts"]


class TestTheAccountPage:
    def test_a_reviewer_without_a_second_factor_is_led_to_one(self, mo: User) -> None:
        page = parse_page(logged_in_client(mo).get("/account/").content)
        assert "/accounts/2fa/totp/activate/" in page.addresses

    def test_others_are_not_pressed(self, ana: User) -> None:
        assert "You review stories" not in parse_page(logged_in_client(ana).get("/account/").content).text
