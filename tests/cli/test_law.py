"""``orepass law``: list, show, timeline, diff, facts, verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conftest import Program
from orepass.law.load import LAW_FOLDER


def test_the_list_on_a_day_as_known_on_a_day(orepass: Program) -> None:
    now = {
        e["code"]: e["state"]
        for e in json.loads(orepass("law", "list", "--on", "2026-02-01", "--family", "rare-earth", "--json").stdout)
    }
    then = {
        e["code"]: e["state"]
        for e in json.loads(orepass("law", "list", "--on", "2026-02-01", "--known", "2025-11-01", "--json").stdout)
    }
    assert now["1C910.a.1"] == "suspended"
    assert then["1C910.a.1"] == "in_force"
    assert "gallium" not in now


def test_an_entry_a_rule_and_an_instrument_can_be_shown(orepass: Program) -> None:
    assert "purity_pct >= 99.99" in orepass("law", "show", "3C003.c").stdout
    rule = json.loads(orepass("law", "show", "US-46-P2", "--on", "2026-02-01", "--json").stdout)
    assert (rule["outcome"], rule["state"]) == ("refusal_presumed", "suspended to 2026-11-27")
    act = json.loads(orepass("law", "show", "CN-2025-57", "--json").stdout)
    assert "1C910.a.1" in act["entries"]
    assert act["suspended"] == ["2025-11-07 to 2026-11-10 by CN-2025-70"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "3C003.z"), "'3C003.z' is no entry, rule or instrument.*did you mean 3C003"),
        (("list", "--family", "cheese"), "'cheese' is no family"),
        (("list", "--on", "yesterday"), "field --on: 'yesterday' is no day"),
        (("list", "--state", "asleep"), "'asleep' is no state"),
        (("verify", "--facts", "nowhere"), "no such folder"),
    ],
)
def test_what_does_not_exist_is_one_sentence(orepass: Program, words: tuple[str, ...], says: str) -> None:
    import re

    done = orepass("law", *words)
    assert done.returncode == 2
    assert re.search(says, done.stderr)
    assert done.stderr.strip().count("\n") == 0


def test_the_timeline_and_the_difference_of_two_days(orepass: Program) -> None:
    events = json.loads(orepass("law", "timeline", "--from", "2025-11-01", "--to", "2025-11-30", "--json").stdout)
    assert {"2025-11-07", "2025-11-09"} <= {event["date"] for event in events}
    changes = json.loads(orepass("law", "diff", "2025-11-08", "2025-11-09", "--json").stdout)
    assert {change["id"] for change in changes} >= {"US-46-P2", "US-46-P2-GRAPHITE"}
    assert "Nothing stands differently" in orepass("law", "diff", "2026-08-01", "2026-08-02").stdout


def test_every_fact_that_can_be_asked_is_listed(orepass: Program) -> None:
    facts = {fact["name"]: fact for fact in json.loads(orepass("law", "facts", "--json").stdout)}
    assert facts["purity_pct"]["unit"] == "%"
    assert facts["enriched_in_boron_10"]["if_absent"] is False


def test_verify_is_green_on_the_packaged_facts_whatever_the_day(orepass: Program) -> None:
    done = orepass("law", "verify")
    assert done.returncode == 0
    assert "The facts hold together" in done.stdout


def test_fresh_fails_when_a_suspension_ran_out_unread(orepass: Program) -> None:
    assert orepass("law", "verify", "--fresh", "--on", "2026-11-27").returncode == 0
    done = orepass("law", "verify", "--fresh", "--on", "2026-11-28")
    assert done.returncode == 1
    assert "CN-2025-72 ended on 2026-11-27 and was last checked on 2026-11-22" in done.stdout
    assert "no72_2025: https" in done.stdout


def test_a_recorded_check_makes_it_fresh_again(orepass: Program, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LAW_FOLDER, tmp_path / "law"))
    path = folder / "suspensions.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("checked_on: 2026-11-22", "checked_on: 2026-12-01"), encoding="utf-8"
    )
    assert orepass("law", "verify", "--fresh", "--on", "2026-12-02", "--facts", str(folder)).returncode == 0


def test_a_broken_fact_fails_verification(orepass: Program, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LAW_FOLDER, tmp_path / "law"))
    path = folder / "entries" / "antimony.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("covers: antimony-oxide", "covers: antimony-oxyde"), encoding="utf-8"
    )
    done = orepass("law", "verify", "--facts", str(folder))
    assert done.returncode == 1
    assert "3C003.c: covers 'antimony-oxyde', which is no kind of goods." in done.stdout
