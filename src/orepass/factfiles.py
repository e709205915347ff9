"""Reading fact files: where they lie, what they hold as plain data, and the hash that names their state."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from orepass.errors import FactError
from orepass.factcache import cached

FACTS = Path(__file__).parent / "facts"

Record = dict[str, Any]


def read_yaml(path: Path) -> Any:
    """The content of one YAML file as plain data; a broken file is named with its line."""
    if FACTS in path.parents and path.stat().st_size > _WORTH_KEEPING:
        return cached(path.read_bytes(), lambda: _parse_yaml(path))
    return _parse_yaml(path)


_WORTH_KEEPING = 8192
"""A smaller file is parsed as quickly as it is looked up."""


def _parse_yaml(path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except ValueError as error:
        raise FactError(str(path), "a value", f"not of its form ({error})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "somewhere"
        raise FactError(str(path), line, f"not YAML ({getattr(error, 'problem', None) or error})") from None


def read_records(path: Path) -> list[Record]:
    """The records of a YAML file that holds a list of mappings."""
    data = read_yaml(path)
    if data is None:
        return []
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in cast("list[Any]", data)):
        raise FactError(str(path), "top level", "expected a list of records")
    return cast("list[Record]", data)


def read_folder(folder: Path) -> Iterator[tuple[str, Record]]:
    """Each record of each YAML file in a folder, with the name of its file."""
    for path in sorted(folder.glob("*.yaml")):
        for record in read_records(path):
            yield path.name, record


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header line; lines that begin with `#` are comments."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(line for line in handle if not line.startswith("#")))


@cache
def content_hash(*folders: Path) -> str:
    """A short hash over every fact file below the folders: the same facts give the same hash anywhere."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".yaml", ".csv", ".txt"}:
                digest.update(path.relative_to(folder.parent).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
