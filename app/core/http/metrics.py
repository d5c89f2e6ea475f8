"""What Prometheus reads: rate, errors and duration by route template, never by what was asked for.

With several worker processes, point PROMETHEUS_MULTIPROC_DIR at a directory that is emptied before
the service starts: every worker keeps its figures there, and any of them can tell them all.
"""

import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.types import Scope

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("http_requests", "Requests answered", ["method", "route", "status"])
DURATION = Histogram("http_request_duration_seconds", "Time to answer", ["method", "route"])
IN_FLIGHT = Gauge("http_requests_in_flight", "Being answered", multiprocess_mode="livesum")


def record(method: str, route: str, status: int, seconds: float) -> None:
    requests, duration = _series(method, route, status // 100)
    requests.inc()
    duration.observe(seconds)


@cache
def _series(method: str, route: str, status_class: int) -> tuple[Counter, Histogram]:
    """Looking a series up by its labels costs more than counting in it."""
    status = f"{status_class}xx" if status_class else "none"
    return REQUESTS.labels(method, route, status), DURATION.labels(method, route)


def method_label(scope: Scope) -> str:
    """A client may invent methods; a label may not."""
    method: str = scope["method"]
    return method if method in METHODS else "OTHER"


def route_template(scope: Scope) -> str:
    """The path of the route that answered, as declared and with all its prefixes.

    FastAPI's `scope["route"]` is the route as its router declares it, without the prefixes under
    which that router was included; those are known to the context that it matched in. Starlette's
    own routes (the OpenAPI document, mounted files) leave only their endpoint.
    """
    matched = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    if matched is not None:
        return getattr(matched, "path_format", UNMATCHED)
    endpoint = scope.get("endpoint")
    return UNMATCHED if endpoint is None else _plain_template(scope["app"], endpoint)


@lru_cache(maxsize=256)
def _plain_template(app: Any, endpoint: object) -> str:
    for route in app.routes:
        if endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None)):
            return getattr(route, "path_format", UNMATCHED)
    return UNMATCHED


def render() -> tuple[bytes, str]:
    """All figures as text, and the media type of that text."""
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not directory:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    _forget_the_dead(Path(directory))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _forget_the_dead(directory: Path) -> None:
    """A worker that was killed is answering nothing any more, whatever it noted last."""
    for file in directory.glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, path=str(directory))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
