"""The companion of a smart facial massage roller: pair it, run routines on it, analyse its pressure logs.

This is what programs build on (docs/how-to/use-as-a-library.md). Each name is loaded when it is first used.
"""

# No import here, not even of `__future__`: a command begins with this file, before it understands Ctrl-C.
TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` takes longer to import than everything else here
    from glowtool.analysis.log import analyse_log as analyse
    from glowtool.analysis.summary import SessionSummary as SessionSummary
    from glowtool.app.asks import Asks as Asks
    from glowtool.app.asks import GivenPasskey as GivenPasskey
    from glowtool.app.asks import Nobody as Nobody
    from glowtool.app.library import find as find
    from glowtool.app.library import known as known
    from glowtool.app.library import open_log as open_log
    from glowtool.app.library import open_roller as open_roller
    from glowtool.app.library import pair as pair
    from glowtool.app.library import readings as readings
    from glowtool.app.library import replay as replay
    from glowtool.app.library import run as run
    from glowtool.app.news import Displayed as Displayed
    from glowtool.app.news import News as News
    from glowtool.app.place import Place as Place
    from glowtool.app.rollers.sighting import Sighting as Sighting
    from glowtool.drivers.gr1.roller import Roller as Roller
    from glowtool.errors import GlowtoolError as GlowtoolError
    from glowtool.model.ending import Ending as Ending
    from glowtool.routine.models import Routine as Routine
    from glowtool.safety.limits import PersonalMax as PersonalMax
    from glowtool.session.decide.resumption import OnLoss as OnLoss
    from glowtool.session.plan import SessionResult as SessionResult
    from glowtool.store.logs.log import SessionLog as SessionLog
    from glowtool.store.rollers.known import KnownRoller as KnownRoller
    from glowtool.store.routines.load import load_routine as load_routine
    from glowtool.version import __version__ as __version__
else:
    #: Where a name of the face is, and what it is called there.
    HOMES = {
        "Asks": ("glowtool.app.asks", "Asks"),
        "Displayed": ("glowtool.app.news", "Displayed"),
        "Ending": ("glowtool.model.ending", "Ending"),
        "GivenPasskey": ("glowtool.app.asks", "GivenPasskey"),
        "GlowtoolError": ("glowtool.errors", "GlowtoolError"),
        "KnownRoller": ("glowtool.store.rollers.known", "KnownRoller"),
        "News": ("glowtool.app.news", "News"),
        "Nobody": ("glowtool.app.asks", "Nobody"),
        "OnLoss": ("glowtool.session.decide.resumption", "OnLoss"),
        "PersonalMax": ("glowtool.safety.limits", "PersonalMax"),
        "Place": ("glowtool.app.place", "Place"),
        "Roller": ("glowtool.drivers.gr1.roller", "Roller"),
        "Routine": ("glowtool.routine.models", "Routine"),
        "SessionLog": ("glowtool.store.logs.log", "SessionLog"),
        "SessionResult": ("glowtool.session.plan", "SessionResult"),
        "SessionSummary": ("glowtool.analysis.summary", "SessionSummary"),
        "Sighting": ("glowtool.app.rollers.sighting", "Sighting"),
        "__version__": ("glowtool.version", "__version__"),
        "analyse": ("glowtool.analysis.log", "analyse_log"),
        "find": ("glowtool.app.library", "find"),
        "known": ("glowtool.app.library", "known"),
        "load_routine": ("glowtool.store.routines.load", "load_routine"),
        "open_log": ("glowtool.app.library", "open_log"),
        "open_roller": ("glowtool.app.library", "open_roller"),
        "pair": ("glowtool.app.library", "pair"),
        "readings": ("glowtool.app.library", "readings"),
        "replay": ("glowtool.app.library", "replay"),
        "run": ("glowtool.app.library", "run"),
    }

    def __getattr__(name):
        """Load what a name of the face stands for."""
        if name not in HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, there = HOMES[name]
        # A command loads this package before it understands Ctrl-C, which ends in a traceback until then.
        from importlib import import_module  # noqa: PLC0415 - as said above

        value = globals()[name] = getattr(import_module(module), there)
        return value

    def __dir__():
        """List the face."""
        return sorted({*globals(), *HOMES})


__all__ = [
    "Asks",
    "Displayed",
    "Ending",
    "GivenPasskey",
    "GlowtoolError",
    "KnownRoller",
    "News",
    "Nobody",
    "OnLoss",
    "PersonalMax",
    "Place",
    "Roller",
    "Routine",
    "SessionLog",
    "SessionResult",
    "SessionSummary",
    "Sighting",
    "__version__",
    "analyse",
    "find",
    "known",
    "load_routine",
    "open_log",
    "open_roller",
    "pair",
    "readings",
    "replay",
    "run",
]
