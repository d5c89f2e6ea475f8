"""What a service answers when something goes wrong, one answer after the other."""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import Any, NamedTuple, Self

ID = "0190a1b2-0000-7000-8000-000000000001"
COUNTS = dict.fromkeys(
    (
        *("rows", "unchanged", "created", "updated", "reactivated", "rekeyed", "missing"),
        *("claimed", "in_transfer", "undecided", "rejected", "left_out", "outdated"),
    ),
    0,
)


def sync(state: str, **fields: Any) -> dict[str, Any]:
    """A sync of one person who is new."""
    counts = COUNTS | {"rows": 1, "created": 1} | fields.pop("counts", {})
    described = {"id": ID, "state": state, "dry_run": True, "held_for": [], "problem": None}
    return described | {"rows_read": 0, "rows_total": None, "counts": counts} | fields


class Answer(NamedTuple):
    body: Any
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Asked(NamedTuple):
    what: str
    headers: Any
    body: bytes


BUSY = Answer({"type": "/problems/unavailable", "detail": "Busy."}, 503, {"Retry-After": "0"})
TOO_MANY = Answer({"type": "/problems/too-many-requests"}, 429, {"Retry-After": "0"})
LOST = Answer(None, 0)
TOKEN, SEND, LOOK = "POST /oauth/token", "POST /v1/roster-syncs", f"GET /v1/roster-syncs/{ID}"
CHANGES, ERRORS = f"{LOOK}/changes", f"{LOOK}/errors"
APPLY = f"POST /v1/roster-syncs/{ID}/apply"
CANCEL = f"POST /v1/roster-syncs/{ID}/cancel"


class Stub:
    """Answers in order; the last answer is good for ever."""

    def __init__(self) -> None:
        nothing = Answer({"items": [], "next": None})
        self.answers: dict[str, list[Answer]] = {
            TOKEN: [Answer({"access_token": "first"}), Answer({"access_token": "second"})],
            SEND: [Answer(sync("received"), 202)],
            LOOK: [Answer(sync("planned"))],
            CHANGES: [nothing],
            ERRORS: [nothing],
            APPLY: [Answer(sync("applied"), 202)],
            CANCEL: [Answer(sync("cancelled"))],
        }
        self.asked: list[Asked] = []
        self.when: Callable[[str], None] = lambda _: None
        """Called with what was asked, before it is answered."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def says(self, what: str, *answers: Answer | dict[str, Any]) -> None:
        self.answers[what] = [
            each if isinstance(each, Answer) else Answer(each) for each in answers
        ]

    def heard(self, what: str) -> list[Asked]:
        return [each for each in self.asked if each.what == what]

    def _handler(stub) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                what = f"{self.command} {self.path.partition('?')[0]}"
                length = int(self.headers.get("Content-Length", 0))
                refuses_early = stub.answers[what][0].status == 413
                body = b"" if refuses_early else self.rfile.read(length)
                stub.asked.append(Asked(what, self.headers, body))
                stub.when(what)
                answers = stub.answers[what]
                self.answer(answers.pop(0) if len(answers) > 1 else answers[0])

            do_GET = do_POST  # noqa: N815 -- what the library calls it

            def answer(self, answer: Answer) -> None:
                self.close_connection = True
                if answer is LOST:
                    return
                body = answer.body
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
