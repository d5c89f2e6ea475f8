"""A browser without scripts, and whoever sits before it and walks through the service's pages."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from re import compile as pattern
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from httpx import ASGITransport, AsyncBaseTransport, AsyncClient, Response

from tests.oauth.people import PASSWORD, Person

KEY = pattern(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    """Memberships, in the order in which they are offered."""


class Page(HTMLParser):
    """What a browser makes of an answer: its forms, and the texts that a person reads."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response, self.status = response, response.status_code
        self.html = response.text
        self.forms: dict[str, Form] = {}
        self.texts: list[str] = []
        self.addresses: list[str] = []
        """Which it links to, or takes pictures and styles from."""
        self.tags: set[str] = set()
        self._form = Form("")
        self.feed(self.html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.add(tag)
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        self.texts += [given[name] for name in ("alt", "title", "placeholder") if name in given]
        if tag == "form":
            self._form = self.forms[urlsplit(given["action"]).path] = Form(given["action"])
        elif given.get("type") == "radio":
            self._form.choices.append(given["value"])
        elif tag == "input" and given.get("value"):
            self._form.fields[given["name"]] = given["value"]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def said(self) -> str:
        return "\n".join(self.texts)

    @property
    def flow(self) -> str:
        return next(form.fields["flow"] for form in self.forms.values() if "flow" in form.fields)

    @property
    def key(self) -> str:
        """Of the authenticator that the page offers."""
        (key,) = (text for text in self.texts if KEY.fullmatch(text))
        return key.replace(" ", "")

    @property
    def recovery_codes(self) -> list[str]:
        return [text for text in self.texts if len(text) == 19 and text.count("-") == 3]


class Browser:
    """Keeps cookies, sends forms as pages made them, and follows no redirection."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.page: Page

    @classmethod
    def somewhere(cls, app: Any, address: str | None = None, **headers: str) -> Self:
        """At an address of its own, so that tests do not slow each other down."""
        address = address or f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
        transport: AsyncBaseTransport = ASGITransport(
            app, raise_app_exceptions=False, client=(address, 1)
        )
        return cls(AsyncClient(transport=transport, base_url="http://test", headers=headers))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def opens(self, path: str, query: Any = None) -> Page:
        self.page = Page(await self.client.get(path, params=query))
        return self.page

    async def sends(self, path: str, page: Page | None = None, **changed: str) -> Page:
        """The form of a page that leads to the path, the present page's if none is named."""
        form = (page or self.page).forms[path]
        self.page = Page(await self.client.post(form.action, data=form.fields | changed))
        return self.page

    async def signs_in(self, person: Person, password: str = PASSWORD) -> Page:
        return await self.sends("/oauth/sign-in", email=person.email, password=password)

    async def shows(self, code: str) -> Page:
        """The second proof."""
        return await self.sends("/oauth/code", code=code)

    async def allows(self, membership: object = None) -> dict[str, str]:
        """What the program is sent."""
        offered = self.page.forms["/oauth/consent"].choices
        chosen = str(membership or offered[0])
        await self.sends("/oauth/consent", membership=chosen, decision="allow")
        return self.answer

    async def denies(self) -> dict[str, str]:
        await self.sends("/oauth/consent", decision="deny")
        return self.answer

    @property
    def answer(self) -> dict[str, str]:
        """What the query of the redirection says."""
        assert self.page.status == 303, self.page.said
        told = parse_qsl(urlsplit(self.sent_to).query, keep_blank_values=True, strict_parsing=True)
        assert len(dict(told)) == len(told)
        return dict(told)

    @property
    def sent_to(self) -> str:
        return str(self.page.response.headers["location"])
