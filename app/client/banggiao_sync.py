"""Sends a list of officers to Bang Giao: shows what would change, asks, and applies it.

This one file is all there is: copy it to any computer with Python 3.9 or newer, and run

    python banggiao_sync.py danh-sach.xlsx --mode full --url https://HOST --client NAME

It needs nothing but Python's standard library and imports nothing of the service; that is also why
it is one long file, and why its texts in both languages stand here. `--help` tells the rest.
"""

from __future__ import annotations

import argparse
import codecs
import getpass
import http.client
import json
import os
import shutil
import ssl
import sys
import textwrap
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from enum import IntEnum
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NoReturn

SECRET_VARIABLE = "BANGGIAO_CLIENT_SECRET"  # noqa: S105 -- a name
MEDIA_TYPES = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
UNDER_WAY = ("received", "staged", "applying")
TRIED_AGAIN = (429, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)
SHOWN = 20
"""People, and mistakes, that are shown; the rest is for --changes and --errors."""
FIELDS_SHOWN = 6
TIMEOUT = 120
"""Seconds without a word on one connection."""
LONGEST_PAUSE = 30
LONGEST_POLL = 5
BAR_EVERY = 0.1
WIDE = 100
"""Columns of a console."""
NEWCOMERS = ("position_title", "unit_id", "birth_date")
"""What is shown of somebody who is new, of all that is new then."""
IN_ONE = 1024 * 1024


class Code(IntEnum):
    """What the process ends with; `--help` says when."""

    DONE = 0
    REJECTED = 1
    USAGE = 2
    HELD = 3
    REFUSED = 4
    NETWORK = 5
    SIGN_IN = 6
    INTERRUPTED = 130


TEXTS: dict[str, tuple[str, str]] = {
    "sending": ("Đang gửi", "Sending"),
    "planning": ("Đang đối chiếu", "Comparing"),
    "applying": ("Đang áp dụng", "Applying"),
    "again": (
        "{reason}. Thử lại sau {seconds:.0f} giây (Ctrl+C để dừng).",
        "{reason}. Trying again in {seconds:.0f} seconds (Ctrl+C stops).",
    ),
    "plan": ("Kết quả đối chiếu (mã {id}):", "What would change (id {id}):"),
    "nothing": (
        "Không có gì thay đổi; danh sách trên hệ thống đã đúng.",
        "Nothing changes; the roster is as the file says.",
    ),
    "changes": ("Thay đổi:", "Changes:"),
    "more_changes": (
        "... và {count} người nữa. Dùng --changes FILE.csv để lưu toàn bộ.",
        "... and {count} more people. --changes FILE.csv saves all of them.",
    ),
    "more_fields": ("... và {count} trường nữa", "... and {count} more fields"),
    "errors": (
        "Dòng bị từ chối (người ở các dòng này được giữ nguyên):",
        "Rejected rows (the people they are about stay as they are):",
    ),
    "more_errors": (
        "... và còn nữa. Dùng --errors FILE.csv để lưu toàn bộ, mở bằng Excel.",
        "... and more. --errors FILE.csv saves all of them, for Excel.",
    ),
    "undecided": (
        "Có người có thể trùng với người đã có. Đầu mối cần quyết định (roster-matches).",
        "Some may be people who are known. A coordinator has to decide (roster-matches).",
    ),
    "would_be_held": (
        "Danh sách này cần đầu mối phê duyệt trước khi áp dụng, vì:",
        "A coordinator has to approve this before it is applied, because:",
    ),
    "saved": ("Đã lưu {file}", "Saved {file}"),
    "dry_run": (
        "Chỉ xem trước: chưa có gì được áp dụng.",
        "Only a dry run: nothing was applied.",
    ),
    "apply?": ("Áp dụng? [c/K] ", "Apply? [y/N] "),
    "hold?": ("Gửi để đầu mối phê duyệt? [c/K] ", "Send it for approval? [y/N] "),
    "not_applied": ("Chưa áp dụng gì.", "Nothing was applied."),
    "applied": (
        "Đã áp dụng (mã {id}). Nếu sai, đầu mối hoàn tác được bằng mã này.",
        "Applied (id {id}). If it was wrong, a coordinator can undo it by this id.",
    ),
    "partly": (
        "Những dòng bị từ chối và những người vừa được người khác sửa thì giữ nguyên.",
        "Rejected rows, and people whom somebody changed meanwhile, were left as they are.",
    ),
    "held": (
        "Đang chờ đầu mối phê duyệt (mã {id}). Đầu mối mở {where}.",
        "Waits for a coordinator's approval (id {id}). They open {where}.",
    ),
    "approve_at": (
        "{url}/docs, thao tác approve_roster_sync",
        "{url}/docs, operation approve_roster_sync",
    ),
    "cancel?": (
        "Hủy lần đồng bộ này? [c/K] ",
        "Cancel this sync? [y/N] ",
    ),
    "goes_on": (
        "Hệ thống vẫn làm tiếp (mã {id}); xem {url}/v1/roster-syncs/{id}.",
        "The service goes on with it (id {id}); see {url}/v1/roster-syncs/{id}.",
    ),
    "plan_goes_on": (
        "Hệ thống vẫn đối chiếu tiếp (mã {id}), nhưng không tự áp dụng.",
        "The service goes on comparing (id {id}), but applies nothing by itself.",
    ),
    "cancelled": (
        "Đã hủy. Chưa có gì được áp dụng.",
        "Cancelled. Nothing was applied.",
    ),
    "ended_already": ("Không hủy được nữa: {detail}", "Too late to cancel: {detail}"),
    "interrupted": ("Đã dừng. Chưa có gì được áp dụng.", "Stopped. Nothing was applied."),
    "secret?": ("Mật khẩu của ứng dụng {client}: ", "Secret of {client}: "),
    "secret_open": (
        "Lưu ý: người dùng khác trên máy đọc được {file}. Hãy chạy: chmod 600 {file}",
        "Note: others on this computer can read {file}. Run: chmod 600 {file}",
    ),
    # What ends it.
    "usage": (
        "Lệnh chưa đúng: {detail}\nXem: --help",
        "The command is not right: {detail}\nSee: --help",
    ),
    "needed": ("thiếu {options}", "{options} missing"),
    "mode_needed": (
        (
            "hãy chọn --mode full (tệp có toàn bộ danh sách: ai vắng mặt sẽ bị đánh dấu là vắng)"
            " hoặc --mode delta (tệp chỉ có một số người)"
        ),
        (
            "choose --mode full (the file is the whole list: who is absent is marked as missing)"
            " or --mode delta (the file has only some people)"
        ),
    ),
    "nobody_to_ask": (
        "không có ai trả lời câu hỏi; để chạy tự động hãy thêm --yes hoặc --dry-run",
        "nobody is there to answer; to run by the clock add --yes, or --dry-run",
    ),
    "no_secret": (
        "chưa có mật khẩu của ứng dụng; dùng --secret-file hoặc biến môi trường {variable}",
        "no secret; use --secret-file or the environment variable {variable}",
    ),
    "ending": (
        "tệp phải có đuôi {endings}; trong Excel hãy chọn Lưu thành (Save As)",
        "the file must end in {endings}; in Excel use Save As",
    ),
    "url": (
        "--url phải bắt đầu bằng https:// (http:// chỉ dùng được cho chính máy này)",
        "--url must begin with https:// (http:// is only for this computer itself)",
    ),
    "file": ("Tệp {file}: {reason}", "File {file}: {reason}"),
    "file_changed": (
        "Tệp {file} bị thay đổi trong khi gửi. Hãy lưu xong rồi chạy lại.",
        "The file {file} changed while it was sent. Save it, then run this again.",
    ),
    "cannot_save": (
        "Không ghi được {file}: {reason}. Tệp có đang mở trong Excel không? Chưa áp dụng gì.",
        "Cannot write {file}: {reason}. Is it open in Excel? Nothing was applied.",
    ),
    "unreachable": (
        (
            "Không liên lạc được với {url}: {reason}. Kiểm tra mạng và --url rồi chạy lại;"
            " chạy lại không làm trùng."
        ),
        (
            "Cannot reach {url}: {reason}. Check the network and --url, and run this again;"
            " nothing is done twice."
        ),
    ),
    "certificate": (
        "Chứng thư của {url} không tin cậy được: {reason}. Trên mạng nội bộ, dùng --ca-file.",
        "The certificate of {url} is not trusted: {reason}. On an intranet, use --ca-file.",
    ),
    "not_ours": (
        "{url} trả lời không giống Bang Giao. Kiểm tra --url.",
        "{url} does not answer as Bang Giao does. Check --url.",
    ),
    "moved": (
        "{url} chuyển hướng tới {to}. Nếu đúng, hãy ghi địa chỉ đó vào --url.",
        "{url} redirects to {to}. If that is right, give that address as --url.",
    ),
    "standstill": (
        "Hệ thống chưa làm tiếp (mã {id}). Hãy báo Học viện nếu kéo dài.",
        "The service does not go on with it (id {id}). Tell the Academy if it lasts.",
    ),
    "sign_in": (
        "Không đăng nhập được: {detail}\nKiểm tra --client và mật khẩu của ứng dụng.",
        "Sign-in refused: {detail}\nCheck --client and the secret.",
    ),
    "refused": ("Hệ thống từ chối: {detail}", "Refused: {detail}"),
    "failed": (
        "Không thực hiện được (mã {id}): {detail} Chưa có gì được áp dụng.",
        "It failed (id {id}): {detail} Nothing was applied.",
    ),
    "cancelled_elsewhere": (
        "Lần đồng bộ này đã bị hủy, hoặc có danh sách mới hơn. Chưa có gì được áp dụng.",
        "This sync was cancelled, or overtaken by a newer list. Nothing was applied.",
    ),
    # Tables.
    "row": ("Dòng", "Row"),
    "external_id": ("Mã cán bộ", "External id"),
    "full_name": ("Họ và tên", "Name"),
    "field": ("Trường", "Field"),
    "change": ("Thay đổi", "Change"),
    "mistake": ("Lỗi", "Mistake"),
    "empty": ("(trống)", "(empty)"),
    # Counts.
    "count.rows": ("dòng trong tệp", "rows in the file"),
    "count.unchanged": ("không đổi", "unchanged"),
    "count.created": ("thêm mới", "new"),
    "count.updated": ("thay đổi", "changed"),
    "count.reactivated": ("có mặt trở lại", "there again"),
    "count.rekeyed": ("đổi mã cán bộ", "under another external id"),
    "count.missing": ("vắng mặt trong tệp", "missing from the file"),
    "count.claimed": ("tiếp nhận từ cơ quan khác", "taken over from another organisation"),
    "count.in_transfer": ("đang xin chuyển từ cơ quan khác", "asked for from another organisation"),
    "count.undecided": ("có thể trùng, chờ quyết định", "may be somebody known"),
    "count.rejected": ("dòng bị từ chối", "rows rejected"),
    "count.left_out": ("không áp dụng theo người duyệt", "left out by whoever approved"),
    "count.outdated": (
        "đã bị sửa sau khi đối chiếu, giữ nguyên",
        "changed meanwhile, left as they are",
    ),
    # Kinds of changes.
    "kind.create": ("thêm mới", "new"),
    "kind.update": ("thay đổi", "changed"),
    "kind.reactivate": ("có mặt trở lại", "there again"),
    "kind.rekey": ("đổi mã cán bộ", "another external id"),
    "kind.missing": ("VẮNG MẶT trong tệp", "MISSING from the file"),
    "kind.claim": ("tiếp nhận từ cơ quan khác", "taken over"),
    "kind.transfer": ("xin chuyển từ cơ quan khác", "asked for"),
    "kind.match": ("có thể trùng, chờ quyết định", "may be somebody known"),
    # Why a plan is held.
    "held.empty_file": ("tệp không có ai", "the file names nobody"),
    "held.too_many_missing": (
        "tệp thiếu nhiều người hơn mức bình thường",
        "the file lacks more people than usual",
    ),
    "held.rows_without_id": (
        "có dòng không rõ của ai (thiếu mã cán bộ)",
        "some rows do not say whose they are (no external id)",
    ),
    # Fields.
    "field.external_id": ("Mã cán bộ", "External id"),
    "field.full_name": ("Họ và tên", "Name"),
    "field.former_external_id": ("Mã cán bộ cũ", "Former external id"),
    "field.birth_date": ("Ngày sinh", "Birth date"),
    "field.email": ("Email", "Email"),
    "field.phone": ("Điện thoại", "Phone"),
    "field.unit": ("Đơn vị", "Unit"),
    "field.unit_id": ("Đơn vị", "Unit"),
    "field.position_title": ("Chức vụ", "Position"),
    "field.rank": ("Ngạch", "Rank"),
    "field.leadership_level": ("Cấp lãnh đạo", "Leadership level"),
    "field.category": ("Đối tượng", "Category"),
    "field.position_since": ("Giữ vị trí từ ngày", "In position since"),
    "field.fields": ("Lĩnh vực", "Fields of work"),
    "field.languages": ("Ngoại ngữ", "Languages"),
    "field.recruited_on": ("Ngày tuyển dụng", "Recruited on"),
    "field.status": ("Tình trạng", "Status"),
    "field.status_since": ("Tình trạng từ ngày", "Status since"),
    "field.national_id": ("Số định danh cá nhân", "National id"),
    "field.attributes": ("Thông tin khác", "Attributes"),
    "field.missing_since": ("Vắng mặt từ", "Missing since"),
    "field.data_set": ("Danh sách", "Data set"),
    # Values of closed lists.
    "value.none": ("không giữ chức vụ", "none"),
    "value.division": ("cấp phòng", "division"),
    "value.department": ("cấp Vụ, Sở", "department"),
    "value.ministry_or_province": ("cấp bộ, tỉnh", "ministry or province"),
    "value.official": ("cán bộ", "official"),
    "value.civil_servant": ("công chức", "civil servant"),
    "value.public_employee": ("viên chức", "public employee"),
    "value.active": ("đang công tác", "active"),
    "value.suspended": ("tạm vắng", "suspended"),
    "value.left": ("đã nghỉ", "left"),
    # Help.
    "help": (
        "Gửi danh sách cán bộ lên Bang Giao: xem trước thay đổi, hỏi, rồi áp dụng.",
        "Send a list of officers to Bang Giao: see what would change, be asked, and apply it.",
    ),
    "help.usage": ("Cách dùng: ", "Usage: "),
    "help.options": ("Tùy chọn", "Options"),
    "help.file": ("tệp .xlsx, .csv, .json hoặc .ndjson", "an .xlsx, .csv, .json or .ndjson file"),
    "help.url": ("địa chỉ của dịch vụ, https://...", "the service's address, https://..."),
    "help.client": ("tên ứng dụng mà Học viện đã cấp", "the program's name, from the Academy"),
    "help.mode": (
        (
            "full: tệp có toàn bộ danh sách, ai vắng mặt sẽ bị đánh dấu; delta: chỉ một số"
            " người. Luôn phải chọn: chọn nhầm full cho danh sách một phần sẽ đánh dấu người còn"
            " làm việc là vắng, chọn nhầm delta thì không bao giờ biết ai đã nghỉ"
        ),
        (
            "full: the file is the whole list, and who is absent is marked; delta: only some"
            " people. Always to be chosen: full for a part of a list would mark people who are"
            " there, delta for a whole list would never tell who is gone"
        ),
    ),
    "help.data_set": (
        "danh sách nào của cơ quan, nếu có nhiều (mặc định: default)",
        "which of your lists, if you keep several (default: default)",
    ),
    "help.dry_run": ("chỉ xem trước rồi dừng", "only show what would change"),
    "help.yes": ("áp dụng không cần hỏi (chạy tự động)", "apply without asking (by the clock)"),
    "help.quiet": (
        "chỉ in một dòng nhật ký; dùng cùng --yes hoặc --dry-run",
        "print one log line only; with --yes or --dry-run",
    ),
    "help.organization": (
        "mã (UUID) của cơ quan; chỉ Học viện dùng",
        "id (UUID) of the organisation; for the Academy only",
    ),
    "help.encoding": (
        "bảng mã của tệp CSV khi được hỏi: utf-8, utf-16, windows-1258, tcvn3, vni",
        "of a CSV file, when asked for: utf-8, utf-16, windows-1258, tcvn3, vni",
    ),
    "help.errors": ("lưu mọi lỗi thành CSV", "save all mistakes as CSV"),
    "help.changes": ("lưu mọi thay đổi thành CSV", "save all changes as CSV"),
    "help.approve_url": (
        "trang nơi đầu mối phê duyệt, để in ra khi phải chờ",
        "the page where coordinators approve, to be shown when it is held",
    ),
    "help.secret_file": (
        (
            "tệp chứa mật khẩu của ứng dụng; nếu không có thì đọc biến môi trường"
            " BANGGIAO_CLIENT_SECRET, hoặc hỏi. Không ghi thẳng mật khẩu trên dòng lệnh được, vì"
            " mọi người dùng máy này đều xem được dòng lệnh, và nó nằm lại trong lịch sử"
        ),
        (
            "file with the program's secret; else the environment variable"
            " BANGGIAO_CLIENT_SECRET, else it is asked for. It cannot be an argument: everybody on"
            " the computer can see those, and they stay in the history"
        ),
    ),
    "help.ca_file": (
        "chứng thư gốc (PEM) của mạng nội bộ; mặc định dùng kho của hệ điều hành",
        "root certificates (PEM) of an intranet; by default the system's are used",
    ),
    "help.patience": (
        "số giây chờ khi mất mạng hoặc hệ thống bận (mặc định: 300)",
        "seconds to go on trying without network, or while the service is busy (default: 300)",
    ),
    "help.lang": ("vi hoặc en", "vi or en"),
    "help.help": ("in trợ giúp này", "print this"),
    "help.codes": (
        """Mã kết thúc:
  0    đã áp dụng, không có gì để làm, hoặc chỉ xem trước (hay bạn đã trả lời "không")
  1    đã áp dụng, nhưng có dòng bị từ chối hoặc người được giữ nguyên
  2    lệnh, tệp hoặc tùy chọn chưa đúng
  3    đang chờ đầu mối phê duyệt
  4    hệ thống từ chối hoặc không thực hiện được
  5    không liên lạc được với hệ thống
  6    không đăng nhập được, hoặc ứng dụng chưa có quyền
  130  bị dừng bằng Ctrl+C
Với --dry-run, 1 và 3 cho biết điều sẽ xảy ra. Proxy lấy từ biến môi trường HTTPS_PROXY.""",
        """Exit codes:
  0    applied, nothing to do, or only a dry run (or you said no)
  1    applied, but rows were rejected or people left as they are
  2    the command, the file or an option is not right
  3    waits for a coordinator's approval
  4    refused, or failed
  5    the service was not reached
  6    sign-in refused, or the program lacks a permission
  130  stopped by Ctrl+C
With --dry-run, 1 and 3 say what would happen. A proxy is taken from HTTPS_PROXY.""",
    ),
}

COUNTS = (
    *("rows", "unchanged", "created", "updated", "reactivated", "rekeyed", "missing", "claimed"),
    *("in_transfer", "undecided", "rejected", "left_out", "outdated"),
)
CHANGING = (
    *("created", "updated", "reactivated", "rekeyed", "missing", "claimed", "in_transfer"),
    "undecided",
)


class Stop(Exception):
    """Why it ends; `key` is the text that says so."""

    def __init__(self, code: Code, key: str, **facts: object) -> None:
        super().__init__(key)
        self.code, self.key, self.facts = code, key, facts


# What people see.


class Console:
    """Says things in one language, on whatever code page the console has."""

    def __init__(self, lang: str, *, quiet: bool = False) -> None:
        self.lang, self.quiet = lang, quiet
        self._bar_shown = 0.0
        self._has_bar = not quiet and sys.stderr.isatty()

    def text(self, key: str, **facts: object) -> str:
        return TEXTS[key][self.lang == "en"].format(**facts)

    def name(self, of: str, key: str) -> str:
        """What is not known here is called what the service calls it."""
        return self.text(f"{of}.{key}") if f"{of}.{key}" in TEXTS else key

    def say(self, key: str, **facts: object) -> None:
        self.write(self.text(key, **facts))

    def write(self, line: str = "") -> None:
        if not self.quiet:
            self.clear()
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def note(self, key: str, **facts: object) -> None:
        """Beside the result."""
        if not self.quiet:
            self.clear()
            sys.stderr.write(self.text(key, **facts) + "\n")
            sys.stderr.flush()

    def ask(self, key: str, **facts: object) -> bool | None:
        """None when nobody is there to answer."""
        self.clear()
        sys.stdout.write(self.text(key, **facts))
        sys.stdout.flush()
        answer = sys.stdin.readline()
        if not answer:
            sys.stdout.write("\n")
            return None
        return answer.strip().lower() in ("c", "co", "có", "y", "yes")

    def progress(self, key: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if not self._has_bar or (now - self._bar_shown < BAR_EVERY and done != total):
            return
        self._bar_shown = now
        share = min(done / total, 1.0) if total else 0.0
        bar = "#" * round(share * 30)
        sys.stderr.write(f"\r{self.text(key):<16}[{bar:<30}] {share:4.0%}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._has_bar and self._bar_shown:
            sys.stderr.write("\r" + " " * 56 + "\r")
            sys.stderr.flush()
            self._bar_shown = 0.0


def speak_any_code_page() -> None:
    """Letters that a console's code page lacks are written as nearly as it can."""
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or "ascii"

        def nearly(error: UnicodeError, encoding: str = encoding) -> tuple[str | bytes, int]:
            assert isinstance(error, UnicodeEncodeError)  # noqa: S101 -- it only writes
            letters = error.object[error.start : error.end]
            return "".join(written(letter, encoding) for letter in letters), error.end

        codecs.register_error(f"nearly-{encoding}", nearly)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=f"nearly-{encoding}")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")


def written(letter: str, encoding: str) -> str:
    """The letter as the encoding has it: with its tone beside it, without marks, or as a "?"."""
    if unicodedata.combining(letter):
        return ""
    signs = {"đ": "d", "Đ": "D", "→": "->", "…": "..."}
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    rest = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tone))
    for nearly in (rest + tone, rest, marks[0], signs.get(letter, "?")):
        with suppress(UnicodeEncodeError):
            nearly.encode(encoding)
            return nearly
    return "?"


def shown(value: object, console: Console) -> str:
    """A value on one line, with nothing in it that would steer a terminal."""
    if value is None or value in ("", [], {}):
        return console.text("empty")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = unicodedata.normalize("NFC", text)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def in_words(change: Mapping[str, Any], when: str, console: Console) -> str:
    """A value before or after, as people write it."""
    field, value = change["field"], change[when]
    if field in ("leadership_level", "category", "status") and isinstance(value, str):
        return console.name("value", value)
    if field == "national_id" and value:
        return f"…{value}"
    if field == "languages" and value:
        return "; ".join(f"{each['language']}: {each['level']}" for each in value)
    return shown("; ".join(value) if field == "fields" and value else value, console)


def width(text: str) -> int:
    """Columns on the screen: marks take none, letters of China and Japan two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def fitted(text: str, columns: int) -> str:
    if width(text) > columns:
        while width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width(text))


def table(console: Console, headings: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Row number, external id, name or field; the last column is lines that may be long."""
    columns = shutil.get_terminal_size((100, 24)).columns
    widths = (6, 14, 28) if columns >= WIDE else (5, 12, 18)
    room = max(columns - sum(widths) - 2 * len(widths) - 1, 24)
    titles = [fitted(console.text(heading), each) for heading, each in zip(headings, widths)]
    console.write("  ".join([*titles, console.text(headings[-1])]))
    console.write("  ".join("-" * each for each in (*widths, min(room, 40))))
    for *cells, lines in rows:
        said = [shown(cell or "-", console) for cell in cells]
        start = "  ".join(fitted(cell, each) for cell, each in zip(said, widths))
        for line in lines:
            for part in textwrap.wrap(line, room) or [""]:
                console.write(f"{start}  {part}".rstrip())
                start = " " * (sum(widths) + 2 * (len(widths) - 1))


# The service, over HTTP.


class Stubborn(http.client.HTTPConnection):
    """Listens for the answer even when the service hangs up before it has heard all."""

    def request(self, *args: Any, **options: Any) -> None:
        self.connect()
        with suppress(ConnectionError):
            super().request(*args, **options)


class StubbornSecure(http.client.HTTPSConnection):
    def request(self, *args: Any, **options: Any) -> None:
        self.connect()
        with suppress(ConnectionError):
            super().request(*args, **options)


class Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Stubborn, req)


class Https(urllib.request.HTTPSHandler):
    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(context=trust)
        self._trust = trust

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(StubbornSecure, req, context=self._trust)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A secret goes where it was told to go, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Upload:
    """A file on its way, read as it is sent."""

    def __init__(self, path: Path, file: IO[bytes], console: Console) -> None:
        self._path, self._file, self._console = path, file, console
        self.size = os.fstat(file.fileno()).st_size
        self._sent = 0

    def read(self, size: int = IN_ONE, /) -> bytes:
        part = self._file.read(min(size, self.size - self._sent))
        if not part and self._sent < self.size:
            raise Stop(Code.USAGE, "file_changed", file=self._path)
        self._sent += len(part)
        self._console.progress("sending", self._sent, self.size)
        return part


class Service:
    """Signs in, tries again what was lost, and tells refusals in words."""

    def __init__(self, options: argparse.Namespace, secret: str, console: Console) -> None:
        self._url, self._client, self._secret = options.url, options.client, secret
        self._patience, self._console = options.patience, console
        self._token = ""
        try:
            trust = ssl.create_default_context(cafile=options.ca_file)
        except OSError as error:
            reason = error.strerror or error
            raise Stop(Code.USAGE, "file", file=options.ca_file, reason=reason) from error
        self._opener = urllib.request.build_opener(Http, Https(trust), NoRedirects)
        self._opener.addheaders = [("User-Agent", "banggiao-sync/1")]

    def get(self, path: str, **query: object) -> dict[str, Any]:
        return self._object(self._call("GET", path, query))

    def post(self, path: str, key: str) -> dict[str, Any]:
        """The key makes it safe to send it again: it is done once."""
        return self._object(self._call("POST", path, {}, {"Idempotency-Key": key}))

    def upload(self, path: str, file: Path, key: str, query: Mapping[str, object]) -> Any:
        kind = MEDIA_TYPES[file.suffix.lower()]
        headers = {"Content-Type": kind, "Idempotency-Key": key}
        return self._object(self._call("POST", path, query, headers, file))

    def save(self, path: str, target: Path) -> None:
        content = self._call("GET", path, {"format": "csv"}, {"Accept": "text/csv"})
        try:
            target.write_bytes(content)
        except OSError as error:
            reason = error.strerror or error
            raise Stop(Code.USAGE, "cannot_save", file=target, reason=reason) from error

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> bytes:
        asked = {name: value for name, value in query.items() if value is not None}
        url = f"{self._url}/v1{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        for is_last in (False, True):
            token = {"Authorization": f"Bearer {self._signed_in()}"}
            try:
                return self._answer(method, url, {**(headers or {}), **token}, file)
            except urllib.error.HTTPError as answer:
                if answer.code != HTTPStatus.UNAUTHORIZED or is_last:
                    raise self._refusal(answer) from answer
                self._token = ""  # they last ten minutes
        raise AssertionError

    def _signed_in(self) -> str:
        if not self._token:
            names = map(urllib.parse.quote_plus, (self._client, self._secret))
            proof = b64encode(":".join(names).encode()).decode()
            headers = {
                "Authorization": f"Basic {proof}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            grant = b"grant_type=client_credentials"
            try:
                answer = self._answer("POST", f"{self._url}/oauth/token", headers, grant)
            except urllib.error.HTTPError as error:
                raise self._refusal(error, Code.SIGN_IN) from error
            self._token = str(self._object(answer).get("access_token", ""))
            if not self._token:
                raise Stop(Code.NETWORK, "not_ours", url=self._url)
        return self._token

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: Path | bytes | None
    ) -> bytes:
        """Tried until it is answered, or the patience is over. Raises HTTPError for a refusal."""
        given_up_at, pause = 0.0, 1.0
        while True:
            wanted: float | None = None
            try:
                return self._sent(method, url, headers, body)
            except urllib.error.HTTPError as error:
                if error.code not in TRIED_AGAIN:
                    raise
                wanted, reason = seconds_wanted(error.headers.get("Retry-After")), str(error)
            except (OSError, http.client.HTTPException) as error:
                cause = getattr(error, "reason", error)
                if isinstance(cause, ssl.SSLCertVerificationError):
                    said = {"url": self._url, "reason": cause.verify_message}
                    raise Stop(Code.NETWORK, "certificate", **said) from error
                reason = str(cause) or type(cause).__name__
            now = time.monotonic()
            given_up_at = given_up_at or now + self._patience
            wait = pause if wanted is None else wanted
            if now + wait > given_up_at:
                raise Stop(Code.NETWORK, "unreachable", url=self._url, reason=reason)
            self._console.note("again", reason=reason, seconds=wait)
            time.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _sent(
        self, method: str, url: str, headers: Mapping[str, str], body: Path | bytes | None
    ) -> bytes:
        said = {"Accept-Language": self._console.lang, **headers}
        if not isinstance(body, Path):
            data = b"" if body is None and method == "POST" else body
            return self._opened(urllib.request.Request(url, data, said, method=method))  # noqa: S310 -- `options_of` looks at it
        try:
            file = body.open("rb")
        except OSError as error:
            raise Stop(Code.USAGE, "file", file=body, reason=error.strerror or error) from error
        with file:
            upload = Upload(body, file, self._console)
            said["Content-Length"] = str(upload.size)
            return self._opened(urllib.request.Request(url, upload, said, method=method))  # noqa: S310 -- `options_of` looks at it

    def _opened(self, request: urllib.request.Request) -> bytes:
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read()
            return content

    def _object(self, content: bytes) -> dict[str, Any]:
        with suppress(ValueError):
            found = json.loads(content)
            if isinstance(found, dict):
                return found
        raise Stop(Code.NETWORK, "not_ours", url=self._url)

    def _refusal(self, answer: urllib.error.HTTPError, code: Code = Code.REFUSED) -> Stop:
        if answer.code in REDIRECTS:
            to = answer.headers.get("Location", "?")
            return Stop(Code.NETWORK, "moved", url=self._url, to=to)
        try:
            problem = json.loads(answer.read())
            said = [problem.get("detail") or problem["error_description"]]
            said += [f"{each['pointer']}: {each['message']}" for each in problem.get("errors", [])]
        except (ValueError, LookupError, AttributeError, TypeError):
            return Stop(Code.NETWORK, "not_ours", url=self._url)
        if answer.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            code = Code.SIGN_IN
        key = "sign_in" if code is Code.SIGN_IN else "refused"
        if trace := problem.get("trace_id"):
            said.append(f"trace_id: {trace}")
        return Stop(code, key, detail="\n  ".join(map(str, said)))


def seconds_wanted(retry_after: str | None) -> float | None:
    """What `Retry-After` says: seconds, or a moment (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    return max((moment - datetime.now(timezone.utc)).total_seconds(), 0.0)


# One run: a plan, a question, and what becomes of it.


class Run:
    def __init__(self, options: argparse.Namespace, service: Service, console: Console) -> None:
        self._options, self._service, self._console = options, service, console
        # Another run is another question: the roster may have changed since, and what was rejected
        # then may be right now. Only what is sent again within one run must be done once; running
        # the whole anew changes nothing that is as the file says.
        self._key = uuid.uuid4().hex
        self.sync: dict[str, Any] = {}

    def __call__(self) -> Code:
        options, console = self._options, self._console
        plan = self._follow(self._send(dry_run=True))
        if not console.quiet:
            self._show(plan)
        for name, target in (("changes", options.changes), ("errors", options.errors)):
            if target is not None:
                self._service.save(f"/roster-syncs/{plan['id']}/{name}", target)
                console.say("saved", file=target)
        if options.dry_run:
            console.say("dry_run")
            return Code.HELD if plan["held_for"] else self._ended(plan)
        if not options.yes and (plan["held_for"] or self._changes_somebody(plan)):
            agreed = console.ask("hold?" if plan["held_for"] else "apply?")
            if not agreed:
                self._cancel(plan)
                console.say("not_applied")
                if agreed is None:
                    detail = console.text("nobody_to_ask")
                    raise Stop(Code.USAGE, "usage", detail=detail)
                return Code.DONE
        return self._applied(plan)

    def _applied(self, plan: dict[str, Any]) -> Code:
        """A plan that must be approved is sent as what it is, so that coordinators find it among
        those that wait; a dry run waits for nobody."""
        console = self._console
        if plan["held_for"]:
            sync = self._follow(self._send(dry_run=False))
            self._cancel(plan)
        else:
            path = f"/roster-syncs/{plan['id']}/apply"
            # Asked for means begun, for all that is known when the answer is lost.
            self.sync = {**plan, "state": "applying"}
            sync = self._follow(self._service.post(path, f"{self._key}-apply"))
        if sync["state"] == "held":
            where = self._options.approve_url
            where = where or console.text("approve_at", url=self._options.url)
            console.say("held", id=sync["id"], where=where)
            return Code.HELD
        console.say("applied", id=sync["id"])
        ended = self._ended(sync)
        if ended is Code.REJECTED:
            console.say("partly")
        return ended

    def _send(self, *, dry_run: bool) -> dict[str, Any]:
        options = self._options
        query = {
            "mode": options.mode,
            "dry_run": "true" if dry_run else "false",
            "data_set": options.data_set,
            "organization": options.organization,
            "encoding": options.encoding,
        }
        key = f"{self._key}-{'plan' if dry_run else 'send'}"
        return dict(self._service.upload("/roster-syncs", options.file, key, query))

    def _follow(self, sync: dict[str, Any]) -> dict[str, Any]:
        """The sync when the service is through with it. Raises Stop when it failed."""
        pause, told, until = 0.2, "", time.monotonic() + self._options.patience
        self.sync = sync
        while sync["state"] in UNDER_WAY:
            key = "applying" if sync["state"] == "applying" else "planning"
            self._console.progress(key, sync["rows_read"], sync["rows_total"])
            if (now := f"{sync['state']} {sync['rows_read']}") != told:
                told, until = now, time.monotonic() + self._options.patience
            if time.monotonic() > until:
                raise Stop(Code.NETWORK, "standstill", id=sync["id"])
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL)
            self.sync = sync = self._service.get(f"/roster-syncs/{sync['id']}")
        if sync["state"] == "failed":
            detail = sync["problem"][f"detail_{self._console.lang}"]
            raise Stop(Code.REFUSED, "failed", id=sync["id"], detail=detail)
        if sync["state"] == "cancelled":
            raise Stop(Code.REFUSED, "cancelled_elsewhere")
        return sync

    def _ended(self, sync: dict[str, Any]) -> Code:
        counts = sync["counts"]
        return Code.REJECTED if counts["rejected"] or counts["outdated"] else Code.DONE

    def _changes_somebody(self, plan: dict[str, Any]) -> bool:
        return any(plan["counts"][kind] for kind in CHANGING)

    def _cancel(self, plan: dict[str, Any]) -> None:
        """So that nobody wonders about it; a plan does nothing by itself."""
        with suppress(Stop):
            self._service.post(f"/roster-syncs/{plan['id']}/cancel", f"{self._key}-cancel")

    def interrupted(self) -> None:
        """Ctrl+C: what has begun to be applied goes on, and what has not can be cancelled."""
        console, sync = self._console, self.sync
        known = {"id": sync.get("id"), "url": self._options.url}
        if not sync or (sync["dry_run"] and sync["state"] not in UNDER_WAY):
            console.note("interrupted")
        elif sync["state"] == "applying":
            console.note("goes_on", **known)
        elif not self._options.yes and not console.quiet and console.ask("cancel?"):
            path = f"/roster-syncs/{sync['id']}/cancel"
            try:
                self._service.post(path, f"{self._key}-interrupted")
                console.note("cancelled")
            except Stop as stop:
                console.note("ended_already", detail=stop.facts.get("detail", stop.key))
        else:
            console.note("plan_goes_on" if sync["dry_run"] else "goes_on", **known)

    # What is shown of a plan.

    def _show(self, plan: dict[str, Any]) -> None:
        console, counts = self._console, plan["counts"]
        console.say("plan", id=plan["id"])
        for name in COUNTS:
            if counts[name] or name == "rows":
                console.write(f"{counts[name]:>8}  {console.name('count', name)}")
        console.write()
        if not self._changes_somebody(plan) and not counts["rejected"]:
            console.say("nothing")
        self._show_changes(plan)
        if counts["rejected"]:
            self._show_errors(plan)
        if counts["undecided"]:
            console.say("undecided")
        if plan["held_for"]:
            console.say("would_be_held")
            for reason in plan["held_for"]:
                console.write(f"  - {console.name('held', reason)}")

    def _show_changes(self, plan: dict[str, Any]) -> None:
        found = self._service.get(f"/roster-syncs/{plan['id']}/changes", limit=SHOWN)["items"]
        if not found:
            return
        self._console.say("changes")
        rows = [
            (each["row_number"], each["external_id"], each["full_name"], self._told(each))
            for each in found
        ]
        table(self._console, ("row", "external_id", "full_name", "change"), rows)
        everybody = sum(plan["counts"][kind] for kind in CHANGING)
        if everybody > len(rows):
            self._console.say("more_changes", count=everybody - len(rows))
        self._console.write()

    def _told(self, change: Mapping[str, Any]) -> list[str]:
        """The kind of change, and each field before and after."""
        console, kind = self._console, change["kind"]
        lines = [console.name("kind", kind)]
        if kind == "missing":
            return lines
        fields = change["fields"]
        if kind == "create":
            fields = [each for each in fields if each["field"] in NEWCOMERS]
        for each in fields[:FIELDS_SHOWN]:
            before, after = (in_words(each, when, console) for when in ("before", "after"))
            said = after if kind == "create" else f"{before} → {after}"
            lines.append(f"{console.name('field', each['field'])}: {said}")
        if len(fields) > FIELDS_SHOWN:
            lines.append(console.text("more_fields", count=len(fields) - FIELDS_SHOWN))
        return lines

    def _show_errors(self, plan: dict[str, Any]) -> None:
        found = self._service.get(f"/roster-syncs/{plan['id']}/errors", limit=SHOWN)
        console, rows = self._console, []
        for each in found["items"]:
            message = each[f"message_{console.lang}"]
            value = "" if each["value"] is None else f" [{shown(each['value'], console)}]"
            kind = each["field"].partition(".")[0]
            name = console.name("field", each["field"] if kind == "attributes" else kind)
            rows.append((each["row_number"], each["external_id"], name, [f"{message}{value}"]))
        console.say("errors")
        table(console, ("row", "external_id", "field", "mistake"), rows)
        if found["next"]:
            console.say("more_errors")
        console.write()


# The command line.


class Usage(argparse.ArgumentParser):
    """Tells what is wrong in the language that was asked for."""

    def __init__(self, console: Console) -> None:
        self._console = console
        super().__init__(
            prog="banggiao_sync.py" if "banggiao_sync" in sys.argv[0] else "banggiao sync",
            description=console.text("help"),
            epilog=console.text("help.codes"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        raise Stop(Code.USAGE, "usage", detail=message)

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", self._console.text("help.usage"), 1)


def parser(console: Console) -> Usage:
    usage = Usage(console)
    group = usage.add_argument_group(console.text("help.options"))

    def option(name: str, *flags: str, **how: Any) -> None:
        key = "help." + name.lstrip("-").replace("-", "_")
        group.add_argument(name, *flags, help=console.text(key), **how)

    option("file", metavar="FILE", type=Path, nargs="?")
    option("--url")
    option("--client", metavar="NAME")
    option("--mode", choices=("full", "delta"))
    option("--dry-run", action="store_true")
    option("--yes", action="store_true")
    option("--quiet", action="store_true")
    option("--data-set", default="default", metavar="CODE")
    option("--errors", type=Path, metavar="FILE")
    option("--changes", type=Path, metavar="FILE")
    option("--secret-file", type=Path, metavar="FILE")
    option("--ca-file", metavar="FILE")
    option("--encoding", metavar="NAME")
    option("--organization", metavar="ID")
    option("--approve-url", metavar="URL")
    option("--patience", type=float, default=300.0, metavar="SECONDS")
    option("--lang", choices=("vi", "en"), default="vi")
    option("--help", "-h", action="store_true")
    return usage


def options_of(arguments: Sequence[str], console: Console) -> argparse.Namespace:
    """Raises Stop for what cannot be meant."""
    usage = parser(console)
    options = usage.parse_args(arguments)
    if options.help:
        return options
    lacking = [name for name in ("file", "url", "client") if getattr(options, name) is None]
    if lacking:
        named = ", ".join(name.upper() if name == "file" else f"--{name}" for name in lacking)
        usage.error(console.text("needed", options=named))
    if options.mode is None:
        usage.error(console.text("mode_needed"))
    if options.quiet and not (options.yes or options.dry_run):
        usage.error(console.text("nobody_to_ask"))
    if options.file.suffix.lower() not in MEDIA_TYPES:
        usage.error(console.text("ending", endings=", ".join(MEDIA_TYPES)))
    if not options.file.is_file():
        raise Stop(Code.USAGE, "file", file=options.file, reason=os.strerror(2))
    options.url = options.url.rstrip("/")
    address = urllib.parse.urlsplit(options.url)
    here = address.hostname in ("localhost", "127.0.0.1", "::1")
    if not address.hostname or address.scheme not in (("https", "http") if here else ("https",)):
        usage.error(console.text("url"))
    return options


def secret_of(options: argparse.Namespace, console: Console) -> str:
    if options.secret_file is not None:
        return secret_in(options.secret_file, console)
    if secret := os.environ.get(SECRET_VARIABLE, "").strip():
        return secret
    if options.yes or options.quiet or not sys.stdin.isatty():
        detail = console.text("no_secret", variable=SECRET_VARIABLE)
        raise Stop(Code.USAGE, "usage", detail=detail)
    return getpass.getpass(console.text("secret?", client=options.client)).strip()


def secret_in(path: Path, console: Console) -> str:
    """As Notepad, PowerShell (UTF-16) or an editor saved it."""
    try:
        content = path.read_bytes()
        if os.name == "posix" and path.stat().st_mode & 0o077:
            console.note("secret_open", file=path)
        utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return content.decode("utf-16" if utf_16 else "utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Stop(Code.USAGE, "file", file=path, reason=reason) from error


def log_line(run: Run | None, file: object, code: Code, why: str) -> str:
    """When, what became of it, and how many: `name=value`, for whoever looks through a log."""
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    sync = run.sync if run else {}
    facts: dict[str, Any] = {"exit": int(code)}
    facts.update({"file": str(file)} if file else {})
    facts.update({"sync": sync["id"], "state": sync["state"]} if sync else {})
    facts.update({name: count for name, count in sync.get("counts", {}).items() if count})
    facts.update({"error": why} if why else {})
    plain = {name: json.dumps(value, ensure_ascii=False) for name, value in facts.items()}
    return f"{moment} banggiao_sync " + " ".join(f"{name}={said}" for name, said in plain.items())


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    speak_any_code_page()
    in_english = "--lang=en" in given or ("--lang", "en") in zip(given, given[1:])
    console = Console("en" if in_english else "vi", quiet="--quiet" in given)
    file, run, why = None, None, ""
    try:
        options = options_of(given, console)
        if options.help:
            sys.stdout.write(parser(console).format_help())
            return Code.DONE
        file = options.file
        run = Run(options, Service(options, secret_of(options, console), console), console)
        code = run()
    except Stop as stop:
        code, why = stop.code, console.text(stop.key, **stop.facts)
        console.clear()
        if not console.quiet:
            sys.stderr.write(why + "\n")
    except KeyboardInterrupt:
        code, why = Code.INTERRUPTED, "Ctrl+C"
        with suppress(KeyboardInterrupt):
            if run is not None:
                run.interrupted()
    if console.quiet:
        sys.stdout.write(log_line(run, file, code, why) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
