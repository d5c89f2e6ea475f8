import os
import tempfile

from app.core import scratch


def test_what_a_killed_process_left_on_disk_is_taken_away_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch.folder() as present:
        abandoned = tmp_path / f"{present.rpartition('/')[2]}-of-a-killed-worker"
        abandoned.mkdir()
        (abandoned / "roster.csv").write_text("personal")
        of_others = tmp_path / "something-else"
        of_others.mkdir()
        for old in (abandoned, of_others):
            os.utime(old, (0, 0))
        scratch.sweep()
        assert {str(left) for left in tmp_path.iterdir()} == {present, str(of_others)}
