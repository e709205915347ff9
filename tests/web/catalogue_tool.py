"""The texts that the pages say, found in templates and code."""

# pyright: reportArgumentType=false, reportOptionalSubscript=false

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.extract import extract, extract_python
from jinja2.ext import babel_extract

from orepass.web.pages.wording import SAID_ELSEWHERE

WEB = Path(__file__).resolve().parents[2] / "src" / "orepass" / "web"


def said() -> dict[str, str]:
    """Every text, with its plural where it has one, else nothing."""
    found: dict[str, str] = dict.fromkeys(SAID_ELSEWHERE, "")
    options: Any = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}
    for path in sorted((WEB / "templates").glob("*.html")):
        texts = babel_extract(BytesIO(path.read_bytes()), ("_", "gettext", "ngettext"), (), options)
        for _, function, message, _ in texts:
            if function == "ngettext":
                found[message[0]] = message[1]
            else:
                found[message if isinstance(message, str) else message[0]] = ""
    for path in sorted((WEB / "pages").glob("*.py")):
        for _, message, _, _ in extract(extract_python, BytesIO(path.read_bytes()), {"to_say": None}):
            found[message if isinstance(message, str) else message[0]] = ""
    return found


def places(text: str) -> set[str]:
    """The places in a text where something is put in."""
    return set(re.findall(r"%\((\w+)\)s", text))
