"""A command is sent only to a roller whose feature says that it knows it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.device.archive import RecordEntry
from glowtool.device.refusals import CommandLackingError
from glowtool.drivers.gr1.commands.refusals import require_known
from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError
from glowtool.model.state import Capability
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import FEATURE
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.status import Feature, encode_feature, own_feature
from glowtool.protocol.wire import PROTOCOL_VERSION, V1_0, Version, decode, size_of
from glowtool.safety.gate import Gate
from support.device.borders import good
from support.host.scripted_client import ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.protocol.commands.codec import Request

VERSIONS = [Version(PROTOCOL_VERSION.major, minor) for minor in range(PROTOCOL_VERSION.minor + 1)]
EVERYTHING = Capability(0xFF)


def of(version: Version, capabilities: Capability = EVERYTHING) -> Feature:
    """Return the feature of a roller of that version."""
    return replace(own_feature(capabilities), major=version.major, minor=version.minor)


def scripted(feature: Feature) -> ScriptedRoller:
    return ScriptedRoller(values={FEATURE.uuid: encode_feature(feature)})


class Watching(WireGate):
    """Lets everything pass, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(Gate())
        self.asked: list[Opcode] = []

    def check(self, request: Request, *, step: int | None = None) -> None:  # noqa: ARG002 - the gate's
        self.asked.append(request.opcode)


def test_every_version_is_tried() -> None:
    assert {opcode.command.since for opcode in Opcode} <= set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@in_virtual_time
async def test_a_roller_is_sent_what_its_version_knows_and_nothing_else(version: Version) -> None:
    there, gate = scripted(of(version)), Watching()
    async with Roller.open(there.client_for, Gate()) as roller:
        roller._up.control._gate = gate
        for opcode in Opcode:
            there.requests.clear()
            gate.asked.clear()
            body, size = good(opcode), size_of(opcode.command.operands)
            command = roller._ask(opcode, decode(opcode.command.operands, body), body[size:])
            if opcode.command.since <= version:
                with suppress(GlowtoolError):  # it is asked in any state, and some are refused there
                    await command
                assert there.opcodes == [opcode]
            else:
                with pytest.raises(CommandLackingError, match=f"speaks protocol {version}.*{opcode.command.since}"):
                    await command
                assert there.opcodes == gate.asked == [], "the gate does not hear of what is not sent"


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_a_roller_without_a_capability_is_not_sent_what_wants_it(opcode: Opcode) -> None:
    require_known(opcode, of(PROTOCOL_VERSION))
    require_known(opcode, of(Version(1, 200)))
    if not opcode.command.wants:
        require_known(opcode, of(PROTOCOL_VERSION, Capability(0)))
        return
    with pytest.raises(
        CommandLackingError, match=f"protocol {PROTOCOL_VERSION} without the capability RECORDS, and the"
    ):
        require_known(opcode, of(PROTOCOL_VERSION, EVERYTHING & ~opcode.command.wants))


LATER: dict[str, Callable[[Roller], Awaitable[object]]] = {
    "forget_host": Roller.forget_host,
    "store_program": lambda roller: roller.archive.store_program(),
    "erase_stored_program": lambda roller: roller.archive.erase_stored_program(),
    "diagnostic": lambda roller: roller.archive.diagnostic(Diagnostic.POWER_ONS),
    "records": lambda roller: roller.archive.records(),
    "fetch": lambda roller: roller.archive.fetch(RecordEntry(1, 9)),
    "delete": lambda roller: roller.archive.delete(1, b"as it was"),
}


@in_virtual_time
async def test_the_verbs_of_later_versions_say_what_is_wrong_and_what_to_do() -> None:
    there = scripted(of(V1_0, Capability.VIBRATION))
    async with Roller.open(there.client_for, Gate()) as roller:
        there.requests.clear()
        for verb in LATER.values():
            with pytest.raises(CommandLackingError, match="update the firmware of the roller"):
                await verb(roller)
        assert await roller.archive.last_stream_frames() is None
        assert there.requests == []
        with pytest.raises(CommandLackingError) as caught:
            await roller.forget_host()
    assert str(caught.value) == (
        "the roller does not know “forget host” (drop the bond of the host that asks, when its connection ends): it "
        "speaks protocol 1.0, and the command came with 1.2; update the firmware of the roller"
    )
