"""The description that CASE 1.1 has each provider serve of itself, beside 1EdTech's own."""

from jsonschema_rs import Draft7Validator

from app.competencies.exchange import case_routes
from tests.competencies.case_official import document
from tests.competencies.content import new_id
from tests.competencies.test_case import CASE, published
from tests.world import Somebody, World

FILE = f"{CASE}/discovery/imscasev1p1_openapi3_v1p0.json"


async def test_the_service_describes_itself_as_case_has_it(world: World):
    told, official = (await world.anonymous.get(FILE)).json(), document()
    root = told["servers"][0]["url"].removesuffix("/ims/case/v1p1")
    assert root == world.app.state.settings.public_url
    assert read_where(told) == read_where(official)
    served = {route.path for route in case_routes.router.routes}
    assert served == {
        FILE.removeprefix("http://test"),
        *(f"/ims/case/v1p1{p}".replace("{sourcedId}", "{sourced_id}") for p in told["paths"]),
    }
    for name, due in official["components"]["schemas"].items():
        if not name.endswith("ExtensionDType"):  # those hold anything
            schema = told["components"]["schemas"][name]
            assert schema["properties"].keys() == due["properties"].keys(), name
            assert set(schema.get("required", [])) == set(due.get("required", [])), name
    token = told["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert token["tokenUrl"] == f"{root}/oauth/token"


def read_where(described):
    """What each operation is called, takes and answers."""
    return {
        path: (
            given["get"]["operationId"],
            [(each["name"], each["in"]) for each in given["get"]["parameters"]],
            {
                status: answer["content"]["application/json"]["schema"]["$ref"]
                for status, answer in given["get"]["responses"].items()
            },
        )
        for path, given in described["paths"].items()
    }


async def test_what_is_read_is_as_the_service_describes_it(world: World, hanoi: Somebody):
    told = (await world.anonymous.get(FILE)).json()
    version, steps, _, inner, _ = await published(hanoi, title_vi="Khung mẫu")
    for kind, identifier in (
        *(("CFDocuments", version["identifier"]), ("CFPackages", version["identifier"])),
        *(("CFItems", inner["identifier"]), ("CFItemAssociations", inner["identifier"])),
        *(("CFRubrics", steps["identifier"]), ("CFItems", new_id())),
    ):
        answer = await hanoi.get(f"{CASE}/{kind}/{identifier}")
        responses = told["paths"][f"/{kind}/{{sourcedId}}"]["get"]["responses"]
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        found = Draft7Validator(schema | {"components": told["components"]})
        assert [error.message for error in found.iter_errors(answer.json())] == []
