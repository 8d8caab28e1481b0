"""The checks of the doctor are pure functions from what was seen to findings with advice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.app.checkup.computer import COMPUTER_CHECKS, ComputerFacts
from glowtool.app.checkup.findings import Check, Finding, Outcome, exit_status, failed, passed, warned
from glowtool.app.checkup.radio import RADIO_CHECKS
from glowtool.app.checkup.roller import ROLLER_CHECKS, RollerFacts
from glowtool.app.checkup.storage import STORAGE_CHECKS, StorageFacts
from glowtool.cli.commands.doctor import _lines
from glowtool.device.identity import Identity
from glowtool.drivers.gr1.examination import SUBSCRIPTIONS, Examination
from glowtool.errors import (
    AdapterUnavailableError,
    BondStaleError,
    ConnectFailedError,
    DeviceNotFoundError,
    InUseError,
    LinkError,
    MissingExtraError,
    NotOfferedError,
    NotPairedError,
    StoreError,
    VersionRefusedError,
)
from glowtool.link.radio import Block, Obstacle, RadioFacts, Trouble, core_version
from glowtool.model.state import Capability, Fault
from glowtool.protocol.status import own_feature
from glowtool.store.rollers.known import KnownRoller
from support.host.statuses import IDLE

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_BLUETOOTH = AdapterUnavailableError("no Bluetooth adapter on this machine", advice="plug one in")
GOOD_RADIO = RadioFacts(
    "hci0",
    "BlueZ",
    stack_version="5.66",
    address="00:11:22:33:44:55",
    powered=True,
    low_energy=True,
    secure_connections=True,
    core_version="5.2",
)
GOOD_STORAGE = StorageFacts(
    Path("/data"), exists=True, writable=True, free_bytes=5 * 10**9, loose=(), sessions=1
)  # fmt: skip
KNOWN = KnownRoller(address="F0:00:00:00:00:01", name="GR-1 0001", last_seen_utc=datetime(2026, 1, 1, tzinfo=UTC))
EXAMINED = Examination(
    identity=Identity("Glow", "GR-1", "GR10001", "A", "1.2.0"),
    feature=own_feature(Capability.VIBRATION),
    status=IDLE,
    mtu=247,
    clock_ahead_s=0.2,
    subscribed=SUBSCRIPTIONS,
    frames_sent=20,
    frames_received=20,
)
GOOD_ROLLER = RollerFacts(known=KNOWN, bonded=True, heard=True, found=EXAMINED)
GOOD_COMPUTER = ComputerFacts(
    "0.1.0", "3.11.7", {"bleak": "3.1.0", "bumble": "0.0.236"}, {"bumble": "0.0.236"}, "Linux", "6.1"
)

ALL: Sequence[tuple[Sequence[Check[Any]], Any]] = (
    (COMPUTER_CHECKS, GOOD_COMPUTER),
    (RADIO_CHECKS, GOOD_RADIO),
    (STORAGE_CHECKS, GOOD_STORAGE),
    (ROLLER_CHECKS, GOOD_ROLLER),
)


def judged(checks: Sequence[Check[Any]], facts: object) -> dict[str, Finding]:
    return {check.key: check.judge(facts) for check in checks}


@pytest.mark.parametrize(("checks", "facts"), ALL)
def test_where_all_is_well_every_check_passes(checks: Sequence[Check[Any]], facts: object) -> None:
    assert {found.outcome for found in judged(checks, facts).values()} == {Outcome.PASS}


def test_every_check_has_a_key_of_its_own() -> None:
    keys = [check.key for checks, _ in ALL for check in checks]

    assert len(set(keys)) == len(keys)


def test_the_exit_status_is_that_of_the_first_failure() -> None:
    findings = [passed("a"), warned("b"), failed(StoreError, "c"), failed(LinkError, "d")]

    assert exit_status(findings) == StoreError.exit_code
    assert exit_status(findings[:2]) == 0


@pytest.mark.parametrize(
    ("change", "key", "outcome", "words"),
    [
        ({"trouble": Trouble(Obstacle.NO_SERVICE, NO_BLUETOOTH)}, "bluetooth-service", "failure", "plug one in"),
        (
            {"trouble": Trouble(Obstacle.NO_SERVICE, NO_BLUETOOTH), "others": ("hci0",)},
            "bluetooth-service",
            "failure",
            "systemctl start bluetooth",
        ),
        (
            {"trouble": Trouble(Obstacle.DENIED, AdapterUnavailableError("access denied", advice="join the group"))},
            "bluetooth-permission",
            "failure",
            "join the group",
        ),
        ({"trouble": Trouble(Obstacle.NO_ADAPTER, NO_BLUETOOTH)}, "adapter", "failure", "plug one in"),
        ({"trouble": Trouble(Obstacle.NO_ADAPTER, NO_BLUETOOTH), "others": ("hci1",)}, "adapter", "failure", "hci1"),
        ({"trouble": Trouble(Obstacle.CANNOT_OPEN, NO_BLUETOOTH)}, "adapter", "failure", "plug one in"),
        ({"stack_version": "5.50"}, "bluetooth-service", "failure", "5.55"),
        ({"stack_version": "5.60"}, "bluetooth-service", "warning", "5.62"),
        ({"stack_version": None}, "bluetooth-service", "warning", "5.55"),
        ({"block": Block.SOFTWARE}, "adapter-block", "failure", "rfkill unblock"),
        ({"block": Block.SWITCH}, "adapter-block", "failure", "switch"),
        ({"powered": False}, "adapter-power", "failure", "`bluetoothctl power on`"),
        ({"powered": False, "block": Block.SOFTWARE}, "adapter-power", "failure", "unblock it first"),
        ({"low_energy": False}, "low-energy", "failure", "4.2"),
        ({"low_energy": None}, "low-energy", "not applicable", ""),
        ({"secure_connections": False}, "secure-connections", "failure", "4.2"),
        ({"core_version": "4.0"}, "controller", "warning", "4.2"),
        ({"core_version": core_version(255)}, "controller", "pass", ""),
        ({"absent_features": ("2M PHY",)}, "controller", "warning", "2M PHY"),
    ],
)
def test_what_is_wrong_with_a_radio_is_told_with_advice(
    change: dict[str, Any], key: str, outcome: str, words: str
) -> None:
    found = judged(RADIO_CHECKS, replace(GOOD_RADIO, **change))[key]

    assert found.outcome.value == outcome
    assert words in f"{found.says} {found.advice}"


@pytest.mark.parametrize(
    ("change", "key", "outcome", "words"),
    [
        ({"anywhere": False}, "data-directory", "failure", "--data-dir"),
        ({"writable": False}, "data-directory", "failure", "cannot be written to"),
        ({"writable": False, "exists": False}, "data-directory", "failure", "cannot be made"),
        ({"error": StoreError("it cannot be read: I/O error")}, "data-directory", "failure", "cannot be read"),
        ({"loose": (".", "bonds"), "loose_bonds": ("bonds",)}, "data-private", "failure", "chmod"),
        ({"loose": ("devices.json",)}, "data-private", "warning", "devices.json"),
        ({"loose": None}, "data-private", "not applicable", ""),
        (
            {"problems": (StoreError("one is damaged", advice="move it away"), StoreError("another"))},
            "data-whole",
            "failure",
            "and 1 more",
        ),
        ({"unfinished": 1}, "data-whole", "warning", "logs recover"),
        ({"free_bytes": 5 * 10**7}, "disk-space", "failure", "free some space"),
        ({"free_bytes": 5 * 10**8}, "disk-space", "warning", "free some space"),
    ],
)
def test_what_is_wrong_with_the_data_is_told_with_advice(
    change: dict[str, Any], key: str, outcome: str, words: str
) -> None:
    found = judged(STORAGE_CHECKS, replace(GOOD_STORAGE, **change))[key]

    assert found.outcome.value == outcome
    assert words in f"{found.says} {found.advice}"


def test_a_library_of_another_version_is_a_warning() -> None:
    facts = replace(GOOD_COMPUTER, libraries={"bleak": "3.1.0", "bumble": "0.0.999"})

    found = judged(COMPUTER_CHECKS, facts)["versions"]

    assert found.outcome is Outcome.WARNING
    assert "bumble 0.0.236" in found.advice


@pytest.mark.parametrize(
    ("system", "release", "build", "outcome"),
    [
        ("Linux", "6.1.192", "#1", Outcome.WARNING),
        ("Linux", "6.1.0-40-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-01-01)", Outcome.WARNING),
        ("Linux", "6.1.19", "#1", Outcome.PASS),
        ("Darwin", "24.0.0", "", Outcome.PASS),
    ],
)
def test_a_kernel_that_was_seen_to_crash_is_a_warning(system: str, release: str, build: str, outcome: Outcome) -> None:
    facts = replace(GOOD_COMPUTER, system=system, release=release, build=build)

    assert judged(COMPUTER_CHECKS, facts)["system"].outcome is outcome


@pytest.mark.parametrize(
    ("change", "key", "outcome", "status"),
    [
        ({"known": None, "none_because": DeviceNotFoundError("none is known")}, "roller", "not applicable", 0),
        ({"known": None, "none_because": DeviceNotFoundError("which"), "named": True}, "roller", "failure", 11),
        ({"in_use": InUseError("in use by run", advice="wait"), "bonded": None, "found": None}, "in-use", "warning", 0),
        ({"bonded": False, "heard": False, "found": None}, "bond-here", "failure", NotPairedError.exit_code),
        (
            {"heard": False, "found": None, "error": DeviceNotFoundError("silent", advice="on?")},
            "in-reach",
            "warning",
            0,
        ),
        (
            {"heard": False, "found": None, "error": DeviceNotFoundError("silent", advice="on?"), "named": True},
            "in-reach",
            "failure",
            DeviceNotFoundError.exit_code,
        ),
        (
            {"heard": False, "found": None, "error": MissingExtraError("no driver", advice="install")},
            "in-reach",
            "failure",
            19,
        ),
        ({"found": None, "not_offered": NotOfferedError("not a GR-1")}, "connection", "not applicable", 0),
        ({"found": None, "error": ConnectFailedError("no answer", advice="near?")}, "connection", "failure", 12),
        ({"found": None, "error": BondStaleError("lost", advice="--repair")}, "bond-there", "failure", 14),
        (
            {"heard": False, "found": None, "error": BondStaleError("reset", advice="--repair")},
            "bond-there",
            "failure",
            14,
        ),
        ({"found": None, "error": VersionRefusedError("2.0", advice="update")}, "protocol", "failure", 15),
        ({"found": replace(EXAMINED, mtu=23)}, "mtu", "warning", 0),
        ({"found": replace(EXAMINED, subscribed=SUBSCRIPTIONS[:2])}, "subscriptions", "failure", 12),
        ({"found": replace(EXAMINED, refusal=LinkError("refused", advice="why"))}, "telemetry", "failure", 12),
        ({"found": replace(EXAMINED, frames_received=10)}, "telemetry", "warning", 0),
        ({"found": replace(EXAMINED, frames_sent=0)}, "telemetry", "failure", 12),
        ({"found": replace(EXAMINED, clock_ahead_s=-3600.0)}, "clock", "warning", 0),
        ({"found": replace(EXAMINED, clock_ahead_s=None)}, "clock", "pass", 0),
        ({"found": replace(EXAMINED, status=replace(IDLE, battery_percent=5))}, "battery", "warning", 0),
        ({"found": replace(EXAMINED, status=replace(IDLE, faults=Fault.MOTOR))}, "faults", "warning", 0),
    ],
)
def test_what_is_wrong_on_the_way_to_a_roller_is_told(
    change: dict[str, Any], key: str, outcome: str, status: int
) -> None:
    findings = judged(ROLLER_CHECKS, replace(GOOD_ROLLER, **change))

    assert (findings[key].outcome.value, findings[key].exit_code) == (outcome, status)
    assert exit_status(list(findings.values())) == status


@pytest.mark.parametrize(
    ("capabilities", "routine"),
    [
        (Capability.VIBRATION | Capability.MICROCURRENT, "first-glow"),
        (Capability.VIBRATION, "first-glow-vibration"),
        (Capability(0), "light-drainage"),
    ],
)
@pytest.mark.parametrize("ahead_s", [None, -3600.0])
def test_the_massage_that_sets_the_clock_is_one_that_this_roller_can_run(
    capabilities: Capability, routine: str, ahead_s: float | None
) -> None:
    found = replace(EXAMINED, feature=own_feature(capabilities), clock_ahead_s=ahead_s)
    clock = judged(ROLLER_CHECKS, replace(GOOD_ROLLER, found=found))["clock"]

    assert f"`glowtool run {routine}` sets it" in clock.says + clock.advice


TROUBLES = st.builds(Trouble, st.sampled_from(Obstacle), st.just(NO_BLUETOOTH))
TEXTS = st.none() | st.sampled_from(["5.66", "", "4", "next", "5.66-rc1"])
FLAGS = st.none() | st.booleans()


@given(
    st.builds(
        RadioFacts,
        st.just("auto"),
        st.sampled_from(["BlueZ", "bumble", "system", "none"]),
        stack_version=TEXTS,
        powered=FLAGS,
        block=st.none() | st.sampled_from(Block),
        can_be_blocked=st.booleans(),
        low_energy=FLAGS,
        secure_connections=FLAGS,
        core_version=TEXTS,
        trouble=st.none() | TROUBLES,
        others=st.just(()) | st.just(("hci0",)),
    )
)
def test_whatever_is_seen_of_a_radio_each_check_finds_something(facts: RadioFacts) -> None:
    findings = judged(RADIO_CHECKS, facts).values()

    assert all(found.says for found in findings)
    assert all(found.advice and found.exit_code for found in findings if found.outcome is Outcome.FAILURE)
    if facts.trouble is not None:
        assert exit_status(list(findings)) == AdapterUnavailableError.exit_code


@given(
    st.builds(
        RollerFacts,
        known=st.sampled_from([None, KNOWN]),
        named=st.booleans(),
        in_use=st.none() | st.just(InUseError("in use", advice="wait")),
        no_radio=st.booleans(),
        bonded=FLAGS,
        heard=st.booleans(),
        error=st.none()
        | st.sampled_from(
            [LinkError("a", advice="b"), BondStaleError("a", advice="b"), VersionRefusedError("a", advice="b")]
        ),
        not_offered=st.none() | st.just(NotOfferedError("a", advice="b")),
        found=st.sampled_from([None, EXAMINED, replace(EXAMINED, subscribed=())]),
    )
)
def test_however_far_the_way_to_a_roller_went_each_check_finds_something(facts: RollerFacts) -> None:
    findings = judged(ROLLER_CHECKS, facts).values()

    assert all(found.says for found in findings)
    assert all(found.advice and found.exit_code for found in findings if found.outcome is Outcome.FAILURE)


def test_on_a_terminal_no_line_is_wider_than_it() -> None:
    finding = failed(AdapterUnavailableError, "word " * 40, "do " * 60)

    lines = _lines(["Adapter"], finding, 80)

    assert max(map(len, lines)) < 80
    assert all(line.startswith(" " * 31) for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == "FAILURE Adapter " + "word " * 40 + "→ " + ("do " * 60).strip()
