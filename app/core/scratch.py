"""Folders for what work needs on disk: they hold personal data and do not outlast it."""

from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from time import time

_PREFIX = "banggiao-scratch-"
_ABANDONED_AFTER = timedelta(hours=1)
"""Longer than any such work takes."""


def folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix=_PREFIX)


def sweep() -> None:
    """Takes away what processes left behind that were killed."""
    for left in Path(gettempdir()).glob(f"{_PREFIX}*"):
        try:
            abandoned = left.stat().st_mtime < time() - _ABANDONED_AFTER.total_seconds()
        except FileNotFoundError:
            continue
        if abandoned:
            rmtree(left, ignore_errors=True)
