"""What other systems read of frameworks: CASE 1.1, judged by 1EdTech's own documents."""

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from app.core.config import Settings
from app.main import create_app
from tests.competencies import case_elsewhere
from tests.competencies.case_official import canonical, document, faults, packages
from tests.competencies.content import new_id
from tests.competencies.sending import send, sent, take_out
from tests.competencies.steps import area, change, competency, do, framework, next_version, scale
from tests.statements import statements
from tests.world import Somebody, World, running

CASE = "http://test/ims/case/v1p1"
_DESCRIBED = [{"level": 2, "text_vi": "Làm được", "text_en": "Can do"}]


async def read(client, path, schema, status=200):
    response = await client.get(f"{CASE}/{path}")
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert faults(schema, response.json()) == []
    return response.json()


async def refused(client, path, status, minor):
    said = await read(client, path, "imsx_StatusInfoDType", status)
    (field,) = said["imsx_codeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == minor
    return said


async def published(client, **fields):
    """A framework of an area, a competency on a scale, and an indicator; its version."""
    began = await framework(client, **fields)
    version = began["open_version_id"]
    steps = await scale(client, version)
    top = await area(client, version, code="A", name_vi="Nghiệp vụ", name_en="Practice")
    inner = await competency(
        client,
        version,
        code="A.1",
        parent_identifier=top["identifier"],
        scale_identifier=steps["identifier"],
        descriptors=_DESCRIBED,
        description_vi="Đón tiếp",
        attainment_rule="best",
    )
    sign = await competency(
        client, version, kind="indicator", parent_identifier=inner["identifier"], domain="conduct"
    )
    await do(client, version, "publish")
    said = (await client.get(f"/framework-versions/{version}")).json()
    return said, steps, top, inner, sign


async def test_everything_of_a_published_version_is_as_the_official_schemas_have_it(
    hanoi: Somebody, hue: Somebody
):
    version, steps, top, inner, sign = await published(hanoi, title_vi="Khung mẫu")
    id = version["identifier"]
    said = await read(hue, f"CFDocuments/{id}", "CFDocumentDType")
    assert (said["title"], said["adoptionStatus"]) == ("Khung mẫu", "Adopted")
    assert said["CFPackageURI"]["uri"].endswith(f"/ims/case/v1p1/CFPackages/{id}")
    package = await read(hue, f"CFPackages/{id}", "CFPackageDType")
    assert len(package["CFItems"]) == 3
    item = await read(hue, f"CFItems/{inner['identifier']}", "CFItemDType")
    assert (item["abbreviatedStatement"], item["fullStatement"]) == ("Lễ tân", "Đón tiếp")
    assert item["humanCodingScheme"] == "A.1"
    assert item["subject"] == ["Kỹ năng"]
    assert item["extensions"]["banggiao"] == {"name_en": "Protocol", "rule": "best"}
    around = await read(hue, f"CFItemAssociations/{inner['identifier']}", "CFAssociationSetDType")
    ends = {
        (a["originNodeURI"]["identifier"], a["destinationNodeURI"]["identifier"])
        for a in around["CFAssociations"]
    }
    assert ends == {
        (inner["identifier"], top["identifier"]),
        (sign["identifier"], inner["identifier"]),
    }
    for association in package["CFAssociations"]:
        alone = await read(hue, f"CFAssociations/{association['identifier']}", "CFAssociationDType")
        assert alone == association
    rubric = await read(hue, f"CFRubrics/{steps['identifier']}", "CFRubricDType")
    assert rubric == package["CFRubrics"][0]
    (criterion,) = rubric["CFRubricCriteria"]
    assert criterion["CFItemURI"]["identifier"] == inner["identifier"]
    described = [level.get("description") for level in criterion["CFRubricCriterionLevels"]]
    assert described == [None, "Làm được", None, None, None]
    for kind, name in (("CFItemTypes", "CFItemTypeSetDType"), ("CFSubjects", "CFSubjectSetDType")):
        for defined in package["CFDefinitions"][kind]:
            found = await read(hue, f"{kind}/{defined['identifier']}", name)
            assert found[kind] == [defined]


async def test_the_list_of_documents_is_read_as_case_has_it(world: World):
    owner = await world.somebody("coordinator", await world.organization("case-list"))
    for title in ("An", "Bình", "Cường"):
        await published(owner, title_vi=f"zz {title}")
    listed = await read(owner, "CFDocuments?filter=title~'zz '&limit=2", "CFDocumentSetDType")
    assert [one["title"] for one in listed["CFDocuments"]] == ["zz An", "zz Bình"]
    response = await owner.get(f"{CASE}/CFDocuments?filter=title~'zz '&limit=2")
    assert response.headers["x-total-count"] == "3"
    assert 'offset=2>; rel="next"' in response.headers["link"]
    query = "CFDocuments?sort=title&orderBy=desc&filter=title~'zz ' AND adoptionStatus='Adopted'"
    listed = await read(owner, query, "CFDocumentSetDType")
    assert [one["title"] for one in listed["CFDocuments"]] == ["zz Cường", "zz Bình", "zz An"]
    for fields in ("fields=title,identifier", "fields=title&fields=identifier"):
        only = await owner.get(f"{CASE}/CFDocuments?{fields}&filter=title='zz An'")
        assert [one.keys() for one in only.json()["CFDocuments"]] == [{"title", "identifier"}]
        assert f"{fields.replace(',', '%2C')}&" in only.headers["link"]
    again = await owner.get(
        f"{CASE}/CFDocuments?limit=1",
        headers={"If-None-Match": (await owner.get(f"{CASE}/CFDocuments?limit=1")).headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    [
        "fields=",
        "fields=nothing",
        "limit=0",
        "limit=x",
        "offset=-1",
        "orderBy=up",
        "filter=title",
        "filter=nothing='x'",
        "filter=title='x' XOR title='y'",
    ],
)
async def test_a_selection_that_is_none_is_refused_as_case_has_it(hanoi: Somebody, query: str):
    await refused(hanoi, f"CFDocuments?{query}", 400, "invalid_selection_field")


KINDS = [path.split("/")[1] for path in document()["paths"] if path.endswith("{sourcedId}")]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_not_there_is_refused_as_case_has_it(
    hanoi: Somebody, world: World, kind: str
):
    await refused(hanoi, f"{kind}/{new_id()}", 404, "unknownobject")
    for wrong in ("x", new_id().upper(), "0198c0de-0000-7000-8000-000000000001", "%20"):
        await refused(hanoi, f"{kind}/{wrong}", 404, "invalid_uuid")
    await refused(world.anonymous, f"{kind}/{new_id()}", 401, "unauthorised_request")
    program = await world.program(hanoi.organization, "learners:read")
    await refused(program, f"{kind}/{new_id()}", 403, "forbidden")


async def test_packages_are_exports_and_taken_out_as_often(settings: Settings):
    app = create_app(settings.model_copy(update={"export_rate": "1/minute"}))
    async with running(app), World(app) as world:
        hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
        version, *_ = await published(hanoi)
        path = f"CFPackages/{version['identifier']}"
        await read(hanoi, path, "CFPackageDType")
        await refused(hanoi, path, 429, "server_busy")


async def test_a_draft_is_read_by_its_owner_only(hanoi: Somebody, hue: Somebody):
    version, _, top, *_ = await published(hanoi)
    second = await next_version(hanoi, version["framework_id"])
    fresh = await area(hanoi, second["id"], code="B")
    for path in (
        f"CFDocuments/{second['identifier']}",
        f"CFPackages/{second['identifier']}",
        f"CFItems/{fresh['identifier']}",
        f"CFItemAssociations/{fresh['identifier']}",
    ):
        await refused(hue, path, 404, "unknownobject")
        assert (await hanoi.get(f"{CASE}/{path}")).status_code == 200
    shown = await read(hanoi, f"CFItems/{top['identifier']}", "CFItemDType")
    assert shown["CFDocumentURI"]["identifier"] == version["identifier"]


async def test_nobody_else_speaks_under_an_identifier(
    academy: Somebody, hanoi: Somebody, hue: Somebody
):
    """Who sends another's framework as their own may say anything, and is not read in its place."""
    for owner in (academy, hanoi):
        version, steps, top, *_ = await published(owner)
        package = json.loads(await take_out(hue, version["id"], "case"))
        package["CFItems"][0]["fullStatement"] = package["CFRubrics"][0]["title"] = "Forged"
        link = package["CFAssociations"][0]
        link["notes"] = "Forged"
        copied = await sent(hue, package, code=f"COPY-{owner.organization.hex[-8:]}")
        await do(hue, copied["framework_version_id"], "publish")
        for reader in (owner, hue):
            for path in (
                f"CFItems/{top['identifier']}",
                f"CFRubrics/{steps['identifier']}",
                f"CFAssociations/{link['identifier']}",
            ):
                told = await reader.get(f"{CASE}/{path}")
                assert told.status_code == 200
                assert "Forged" not in told.text, path


async def test_what_takes_the_place_of_something_is_told(hanoi: Somebody):
    version, _, _, inner, sign = await published(hanoi)
    second = await next_version(hanoi, version["framework_id"])
    (copy,) = [
        c
        for c in (await hanoi.get(f"/framework-versions/{second['id']}/tree")).json()[
            "competencies"
        ]
        if c["identifier"] == inner["identifier"]
    ]
    await change(hanoi, "competencies", copy["id"], replaces=[sign["identifier"]])
    package = await read(hanoi, f"CFPackages/{second['identifier']}", "CFPackageDType")
    (replaced,) = [a for a in package["CFAssociations"] if a["associationType"] == "replacedBy"]
    assert replaced["originNodeURI"]["identifier"] == sign["identifier"]
    assert (
        await read(hanoi, f"CFAssociations/{replaced['identifier']}", "CFAssociationDType")
        == replaced
    )


async def test_a_package_of_five_thousand_items_is_read_in_one_statement(
    hanoi: Somebody, world: World
):
    package = large(5_000)
    body = (
        await send(hanoi, package, domain="skill", code=f"L-{new_id()[:8]}", dry_run="false")
    ).json()
    version = (await hanoi.get(f"/framework-versions/{body['framework_version_id']}")).json()
    url = f"{CASE}/CFPackages/{version['identifier']}"
    await hanoi.get(url)  # so that there is a connection to be watched
    async with statements(world.database) as asked:
        response = await hanoi.get(url)
    assert response.status_code == 200
    assert len(response.json()["CFItems"]) == 5_000
    assert len(asked) == 1


def large(count):
    at = "2026-01-01T00:00:00Z"

    def one(kind, **more):
        identifier = new_id()
        uri = f"https://elsewhere.example/{kind}/{identifier}"
        return {"identifier": identifier, "uri": uri, "lastChangeDateTime": at, **more}

    def link(to):
        return {"title": "x", "identifier": to["identifier"], "uri": to["uri"]}

    document = one("d", creator="Ai đó", title="Khung lớn")
    items = [one("i", fullStatement=f"Mục {number}") for number in range(count)]
    associations = [
        one(
            "a",
            associationType="isChildOf",
            sequenceNumber=number,
            originNodeURI=link(item),
            destinationNodeURI=link(items[(number - 1) // 9] if number else document),
        )
        for number, item in enumerate(items)
    ]
    return {"CFDocument": document, "CFItems": items, "CFAssociations": associations}


@pytest.mark.parametrize("package", [large(30), case_elsewhere.package()])
async def test_what_was_imported_is_exported_as_it_came(hanoi: Somebody, package):
    made = await sent(hanoi, package, domain="skill", code=f"R-{new_id()[:8]}")
    exported = await take_out(hanoi, made["framework_version_id"], "case")
    assert canonical(json.loads(exported)) == canonical(package)


async def test_any_package_is_exported_as_it_came(hanoi: Somebody):
    """As the database keeps it, too. What is drawn is the same in every run; of a document that the
    organisation has already, the next one is another."""
    drawn = {}

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(package=packages())
    def draw(package):
        drawn[package["CFDocument"]["identifier"]] = package

    draw()
    assert len(drawn) > 5
    for package in drawn.values():
        made = await sent(hanoi, package, domain="skill", code=f"R-{new_id()[:8]}")
        exported = await take_out(hanoi, made["framework_version_id"], "case")
        assert canonical(json.loads(exported)) == canonical(package)


ODD = ["%00", "%FF", "a'b", '"', "..", "%2e%2e", "0" * 5000, "-1", "1e9", "é", "limit=1&limit=2"]


@pytest.mark.parametrize("name", ["limit", "offset", "sort", "orderBy", "filter", "fields", "x"])
async def test_whatever_is_asked_is_answered_as_case_has_it(hanoi: Somebody, name: str):
    for odd in ODD:
        answer = await hanoi.get(f"{CASE}/CFDocuments?{name}={odd}")
        assert answer.status_code < 500, odd
        if answer.status_code >= 400:
            assert faults("imsx_StatusInfoDType", answer.json()) == []
            assert "0000" not in answer.text, "repeats what was sent"


async def test_what_is_no_address_of_case_is_refused_as_case_has_it(hanoi: Somebody):
    await refused(hanoi, "CFNothing", 404, "unknownobject")
    answer = await hanoi.post(f"{CASE}/CFDocuments")
    assert answer.status_code == 405
    assert faults("imsx_StatusInfoDType", answer.json()) == []


async def test_what_another_system_says_of_two_items_is_told_with_each(hanoi: Somebody):
    package = large(30)
    ends = package["CFItems"][5], package["CFItems"][29]
    related = package["CFAssociations"][5] | {"identifier": new_id(), "associationType": "ext:like"}
    origin, to = (
        {"title": "x", "identifier": end["identifier"], "uri": end["uri"]} for end in ends
    )
    related |= {"originNodeURI": origin, "destinationNodeURI": to}
    package["CFAssociations"].append(related)
    await sent(hanoi, package, domain="skill", code=f"R-{new_id()[:8]}")
    alone = await read(hanoi, f"CFAssociations/{related['identifier']}", "CFAssociationDType")
    assert alone == related
    for end in ends:
        path = f"CFItemAssociations/{end['identifier']}"
        told = await read(hanoi, path, "CFAssociationSetDType")
        assert related["identifier"] in {each["identifier"] for each in told["CFAssociations"]}
