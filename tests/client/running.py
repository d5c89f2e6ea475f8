"""The script as a province has it: one file, copied somewhere, and a Python without libraries."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import app
from app.client import banggiao_sync
from tests.service import environment

SCRIPT = Path(banggiao_sync.__file__)
ROOT = str(Path(app.__file__).parents[1])


class Done(NamedTuple):
    code: int
    said: str
    noted: str


class Province:
    """A folder with the script in it, and what is needed to call the service."""

    def __init__(self, folder: Path, url: str, client: str, secret: str) -> None:
        self.folder = folder
        self.script = Path(shutil.copy(SCRIPT, folder))
        self.url, self.client = url, client
        self.environment = environment(BANGGIAO_CLIENT_SECRET=secret, PYTHONUTF8="1")

    def file(self, rows: Any, name: str = "danh sách.json") -> Path:
        path = self.folder / name
        path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        return path

    def command(self, file: Path, *words: str) -> list[str]:
        """-S: without what is installed."""
        call = [sys.executable, "-S", str(self.script), str(file)]
        mode = [] if "--mode" in words else ["--mode", "full"]
        return [*call, "--url", self.url, "--client", self.client, *mode, *words]

    def runs(self, file: Path, *words: str, answer: str = "", **env: str) -> Done:
        return self.calls(self.command(file, *words), answer, **env)

    def calls(self, command: list[str], answer: str = "", **env: str) -> Done:
        """UTF-8 out and in, unless PYTHONIOENCODING says otherwise."""
        encoding = env.get("PYTHONIOENCODING", "utf-8")
        known = {name: value for name, value in (self.environment | env).items() if value}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=known,
            input=answer.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        told = (each.decode(encoding) for each in (done.stdout, done.stderr))
        result = Done(done.returncode, *told)
        assert "Traceback" not in result.noted, result.noted
        return result
