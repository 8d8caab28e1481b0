"""An error keeps what happened apart from its advice, and its message joins the two."""

from __future__ import annotations

import pytest
from bleak.exc import BleakDeviceNotFoundError

from glowtool.app.checkup.findings import failed_by
from glowtool.errors import GlowtoolError, InputError, LinkError
from glowtool.link.errors import AdapterGoneError, PeerNotFoundError, bleak_form


@pytest.mark.parametrize(("advice", "message"), [("", "it is gone"), ("bring it near", "it is gone; bring it near")])
def test_a_message_joins_what_is_and_what_to_do(advice: str, message: str) -> None:
    for error in (LinkError("it is gone", advice=advice), InputError("it is gone", advice=advice)):
        assert (error.says, error.advice, str(error), error.args) == ("it is gone", advice, message, (message,))
        assert error.listing("  one").lines == (message, "  one")
    finding = failed_by(LinkError("it is gone", advice=advice))
    assert (finding.says, finding.advice, finding.exit_code) == ("it is gone", advice, 12)


def test_advice_is_added_to_advice() -> None:
    error = LinkError("it is gone")
    error.advise("bring it near")
    error.advise("try again")
    assert str(error) == "it is gone; bring it near; try again"


def test_what_is_no_advice_is_never_cut_out_of_prose() -> None:
    assert failed_by(GlowtoolError("one; two")).says == "one; two"


def test_bleaks_forms_keep_both() -> None:
    peer = PeerNotFoundError("F0:00:00:00:00:01", "it was not heard", advice="bring it near")
    assert isinstance(peer, BleakDeviceNotFoundError)
    assert (peer.identifier, str(peer), peer.says) == (
        "F0:00:00:00:00:01",
        "it was not heard; bring it near",
        peer.says,
    )
    gone = AdapterGoneError("it is gone", advice="plug it in")
    for error in (gone, bleak_form(LinkError("it is gone", advice="plug it in"))):
        assert str(error) == "it is gone; plug it in"
        assert isinstance(error, GlowtoolError)
        assert (error.says, error.advice) == ("it is gone", "plug it in")
