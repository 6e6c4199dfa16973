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


class TestProfile:
    def test_answers_weights_and_filters_are_saved(self, ana: User) -> None:
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

    def test_every_field_is_optional(self, ana: User) -> None:
        response = logged_in_client(ana).post("/about-you/", {"traits.age": "", "traits.living": ""})
        assert response.status_code == 302
        assert profiles.get_profile(ana).traits == {}

    def test_answers_can_be_removed(self, ana: User) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34, "living": "alone"}, muted=["death"]))
        logged_in_client(ana).post("/about-you/", {"traits.age": "34"})
        profile = profiles.get_profile(ana)
        assert profile.traits == {"age": 34}
        assert profile.muted == []

    def test_saved_answers_are_prefilled(self, ana: User) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 34, "living": "alone"}))
        content = logged_in_client(ana).get("/about-you/").content.decode()
        assert 'value="34"' in content
        assert '<option value="alone" selected>' in content

    def test_identity_traits_have_weight_zero_by_default(self, ana: User) -> None:
        content = logged_in_client(ana).get("/about-you/").content.decode()
        _, _, gender = content.partition('name="matters.gender"')
        assert '<option value="0" selected>' in gender.partition("</select>")[0]
        _, _, age = content.partition('name="matters.age"')
        assert '<option value="1" selected>' in age.partition("</select>")[0]

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"traits.age": "7"}, "traits.age"),
            ({"traits.age": "old"}, "traits.age"),
            ({"traits.living": "on_a_boat"}, "traits.living"),
            ({"muted": ["spiders"]}, "muted"),
        ],
    )
    def test_invalid_answer_is_reported_at_its_field(
        self, ana: User, data: dict[str, object], field: str
    ) -> None:
        response = logged_in_client(ana).post("/about-you/", data)
        assert response.status_code == 400
        assert any(target.startswith(f"#id_{field}") for target in error_summary_of(response))
        assert profiles.get_profile(ana).traits == {}

    def test_saving_continues_to_the_requested_challenge(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        response = logged_in_client(ana).post("/about-you/?for=the-conversation", {"traits.age": "34"})
        assert response["Location"] == "/challenges/the-conversation/stories/"

    def test_unknown_challenge_answers_404(self, ana: User) -> None:
        assert logged_in_client(ana).get("/about-you/?for=//evil.example").status_code == 404

    def test_profile_requires_login(self, ana: User) -> None:
        assert Client().get("/about-you/")["Location"].startswith("/accounts/login/")


class TestSignup:
    def test_signup_with_email_and_code_creates_an_account(self) -> None:
        client = Client()
        response = client.post(
            "/accounts/signup/", {"email": "eve@example.test", "password1": PASSWORD}, follow=True
        )
        assert parse_page(response.content).headings == ["Check your email"]
        code = next(
            line.strip()
            for line in str(mail.outbox[0].body).splitlines()
            if line.strip() and line.strip().replace("-", "").isalnum() and line.strip().isupper()
        )
        client.post("/accounts/confirm-email/", {"code": code})
        assert EmailAddress.objects.get(email="eve@example.test").verified

    def test_signup_does_not_reveal_existing_accounts(self, ana: User) -> None:
        existing_email = Client().post(
            "/accounts/signup/", {"email": ana.email, "password1": PASSWORD}, follow=True
        )
        new_email = Client().post(
            "/accounts/signup/", {"email": "new@example.test", "password1": PASSWORD}, follow=True
        )
        assert parse_page(existing_email.content).headings == parse_page(new_email.content).headings

    def test_rate_limited_login_renders_the_429_page(self, ana: User) -> None:
        client = Client()
        responses = [
            client.post("/accounts/login/", {"login": ana.email, "password": f"wrong {n}"}) for n in range(40)
        ]
        refused = [response for response in responses if response.status_code == 429]
        assert refused
        assert parse_page(refused[0].content).headings == ["Too many attempts"]


class TestAccountPage:
    def test_reviewer_without_second_factor_is_asked_to_set_one_up(self, mo: User) -> None:
        page = parse_page(logged_in_client(mo).get("/account/").content)
        assert "/accounts/2fa/totp/activate/" in page.addresses

    def test_members_are_not_asked_to_set_up_a_second_factor(self, ana: User) -> None:
        assert "You review stories" not in parse_page(logged_in_client(ana).get("/account/").content).text
