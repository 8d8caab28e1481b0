"""The use cases of glowtool, without a terminal: find, hold, pair, run, stop and forget rollers.

Each module is loaded when it is first used as `app.NAME`, so that a caller of one does not wait for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.kit.lazy import loader

#: The modules by their folder; "" is this folder itself.
ROOMS: Final = {
    "": ("asks", "news", "place", "routines", "running", "stopping"),
    "authoring": ("checking", "outlines", "writing"),
    "checkup": ("rounds",),
    "errands": ("asking", "button", "kept", "rearming", "taring", "telling"),
    "hold": ("holding",),
    "exchange": ("exports", "imports", "previews"),
    "logs": (
        "care",
        "exporting",
        "fetching",
        "importing",
        "listing",
        "replaying",
        "reporting",
        "summing",
        "traces",
        "whose",
    ),
    "ledger": ("auditing", "doses", "proving", "pseudonyms", "recorded"),
    "measuring": ("capturing", "recording"),
    "people": ("admitting", "circumstances", "cleaning", "erasing", "keeping", "maximum", "portrait", "who"),
    "plans": ("calendar_file", "following"),
    "rollers": ("adapters", "finding", "opening", "pairing", "parting", "sighting"),
    "rows": ("limits", "row"),
}

if TYPE_CHECKING:
    from glowtool.app import asks as asks
    from glowtool.app import news as news
    from glowtool.app import place as place
    from glowtool.app import routines as routines
    from glowtool.app import running as running
    from glowtool.app import stopping as stopping
    from glowtool.app.authoring import checking as checking
    from glowtool.app.authoring import outlines as outlines
    from glowtool.app.authoring import writing as writing
    from glowtool.app.checkup import rounds as rounds
    from glowtool.app.errands import asking as asking
    from glowtool.app.errands import button as button
    from glowtool.app.errands import kept as kept
    from glowtool.app.errands import rearming as rearming
    from glowtool.app.errands import taring as taring
    from glowtool.app.errands import telling as telling
    from glowtool.app.exchange import exports as exports
    from glowtool.app.exchange import imports as imports
    from glowtool.app.exchange import previews as previews
    from glowtool.app.hold import holding as holding
    from glowtool.app.ledger import auditing as auditing
    from glowtool.app.ledger import doses as doses
    from glowtool.app.ledger import proving as proving
    from glowtool.app.ledger import pseudonyms as pseudonyms
    from glowtool.app.ledger import recorded as recorded
    from glowtool.app.logs import care as care
    from glowtool.app.logs import exporting as exporting
    from glowtool.app.logs import fetching as fetching
    from glowtool.app.logs import importing as importing
    from glowtool.app.logs import listing as listing
    from glowtool.app.logs import replaying as replaying
    from glowtool.app.logs import reporting as reporting
    from glowtool.app.logs import summing as summing
    from glowtool.app.logs import traces as traces
    from glowtool.app.logs import whose as whose
    from glowtool.app.measuring import capturing as capturing
    from glowtool.app.measuring import recording as recording
    from glowtool.app.people import admitting as admitting
    from glowtool.app.people import circumstances as circumstances
    from glowtool.app.people import cleaning as cleaning
    from glowtool.app.people import erasing as erasing
    from glowtool.app.people import keeping as keeping
    from glowtool.app.people import maximum as maximum
    from glowtool.app.people import portrait as portrait
    from glowtool.app.people import who as who
    from glowtool.app.plans import calendar_file as calendar_file
    from glowtool.app.plans import following as following
    from glowtool.app.rollers import adapters as adapters
    from glowtool.app.rollers import finding as finding
    from glowtool.app.rollers import opening as opening
    from glowtool.app.rollers import pairing as pairing
    from glowtool.app.rollers import parting as parting
    from glowtool.app.rollers import sighting as sighting
    from glowtool.app.rows import limits as limits
    from glowtool.app.rows import row as row
else:
    __getattr__ = loader(__name__, ROOMS)
