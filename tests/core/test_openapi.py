"""What anybody may read of the interface: the document, and what the types of problems mean."""

from httpx import AsyncClient

from app.core.problems import PROBLEMS
from tests.world import problem

HOST = "http://test"
ENGLISH = {"Accept-Language": "en"}


class TestProblemTypes:
    async def test_each_leads_to_what_it_means(self, anonymous: AsyncClient):
        for slug, kind in PROBLEMS.items():
            path = f"/problems/{slug}"
            vietnamese = await anonymous.get(f"{HOST}{path}")
            english = await anonymous.get(f"{HOST}{path}", headers=ENGLISH)
            told = {"type": path, "title": kind.title, "status": kind.status, "detail": kind.detail}
            assert (english.status_code, english.json()) == (200, told)
            assert english.headers["Content-Language"] == "en"
            title, detail = kind.template("vi")
            assert vietnamese.json() == told | {"title": title, "detail": detail}
            assert vietnamese.headers["Vary"] == "Accept-Language"

    async def test_the_type_of_a_refusal_is_its_address(self, anonymous: AsyncClient):
        refusal = await anonymous.get("/learners")
        meaning = await anonymous.get(HOST + refusal.json()["type"])
        assert meaning.json()["title"] == refusal.json()["title"]

    async def test_one_that_does_not_exist_leads_nowhere(self, anonymous: AsyncClient):
        assert problem(await anonymous.get(f"{HOST}/problems/bad-mood")) == (404, "not-found")


class TestDocument:
    async def test_it_is_served_in_the_language_that_its_address_names(
        self, anonymous: AsyncClient
    ):
        told = {
            query: (await anonymous.get(f"{HOST}/openapi.json{query}")).json()["tags"][0]
            for query in ("", "?lang=vi", "?lang=en")
        }
        assert told[""] == told["?lang=vi"]
        assert told["?lang=en"]["description"].startswith("Tokens for people")
        assert told["?lang=vi"]["description"].startswith("Token cho người dùng")

    async def test_it_speaks_no_other_language(self, anonymous: AsyncClient):
        answer = await anonymous.get(f"{HOST}/openapi.json?lang=fr")
        assert problem(answer) == (422, "invalid-request")
