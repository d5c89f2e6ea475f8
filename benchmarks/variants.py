"""What is asked of which server; all of it is looked at once before it is measured."""

import json
from urllib.request import Request, urlopen

from benchmarks import competencies, courses, curricula, data, load

_BODY = json.dumps(
    {
        "external_id": f"{data.ADDED}{load.UNIQUE.decode()}",
        "full_name": "Nguyễn Thị Minh Hoà",
        "position_title": "Chuyên viên Lễ tân",
        "position_since": "2024-03-01",
    }
)


def variants(
    bench: data.Bench, service: int, limit: int, textbook: int, open_textbook: int
) -> dict[str, load.Request]:
    """By name. Raises AssertionError where two that are compared do not answer the same."""
    province, other = bench.organizations["VN-01"], bench.organizations["VN-04"]
    tokens, ask = bench.tokens, load.request
    own, everybody = f"/page/{province}", "/everybody"

    page, page_tag = answer(service, "/v1/learners", tokens["province"])
    assert len(page["items"]) == 50
    assert answer(limit, own)[0]["items"] == page["items"]
    assert answer(textbook, own, tokens["province"])[0]["items"] == page["items"]
    assert answer(open_textbook, own)[0]["items"] == page["items"]
    of_academy, _ = answer(service, "/v1/learners", tokens["academy"])
    assert answer(limit, everybody)[0]["items"] == of_academy["items"]
    id = page["items"][-1]["id"]
    learner, tag = answer(service, f"/v1/learners/{id}", tokens["province"])
    assert answer(limit, f"/one/{id}")[0] == learner
    gaps = tokens[competencies.ACCOUNT]
    officer = answer(service, "/v1/learners?limit=1", gaps)[0]["items"][0]["id"]
    profile = f"/v1/learners/{officer}/competency-profile"
    assert answer(limit, f"/profile/{officer}")[0] == answer(service, profile, gaps)[0]

    found = f"/v1/curricula?code={curricula.CODE}"
    version = answer(service, found, gaps)[0]["items"][0]["in_force_version_id"]
    curriculum = f"/v1/curriculum-versions/{version}/whole"
    read = answer(service, curriculum, tokens["other"])[0]
    assert len(read["modules"]) == curricula.MODULES
    assert answer(limit, f"/curriculum/{version}")[0] == read

    sessions, _ = answer(service, courses.PATH, tokens["other"])
    assert len(sessions["items"]) == courses.PAGE
    month = f"/month/{courses.BEGINS}/{courses.ENDS}"
    assert answer(limit, month)[0]["items"] == sessions["items"]

    return {
        "limit: page": ask(limit, own),
        "page": ask(service, "/v1/learners", tokens["province"]),
        "page, 304": ask(service, "/v1/learners", tokens["province"], tag=page_tag),
        "textbook: page": ask(textbook, own, tokens["province"]),
        "textbook: open page": ask(open_textbook, own),
        "page, subtree": ask(service, "/v1/learners", tokens["merged"]),
        "page, past day": ask(service, f"/v1/learners?as_of={data.PAST_DAY}", tokens["province"]),
        "limit: everybody": ask(limit, everybody),
        "page, Academy": ask(service, "/v1/learners", tokens["academy"]),
        "limit: one": ask(limit, f"/one/{id}"),
        "one": ask(service, f"/v1/learners/{id}", tokens["province"]),
        "one, 304": ask(service, f"/v1/learners/{id}", tokens["province"], tag=tag),
        "limit: profile": ask(limit, f"/profile/{officer}"),
        "profile": ask(service, profile, gaps),
        "limit: curriculum": ask(limit, f"/curriculum/{version}"),
        "curriculum": ask(service, curriculum, tokens["other"]),
        "limit: sessions": ask(limit, month),
        "sessions": ask(service, courses.PATH, tokens["other"]),
        "limit: add": ask(limit, f"/add/{other}", body=_BODY),
        "add": ask(service, "/v1/learners", tokens["other"], body=_BODY),
    }


def answer(port: int, path: str, token: str = "") -> tuple[dict, str]:
    """The body and its tag."""
    request = Request(f"http://127.0.0.1:{port}{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urlopen(request) as answered:
        return json.load(answered), answered.headers.get("etag", "")
