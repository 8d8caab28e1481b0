"""Fixtures for tests of a firmware or a host: `roller`, `air`, `glow_client`, `massage`, `virtual_time`.

pytest loads this by itself once glowtool is installed, so heavy imports wait until a fixture is used. The fixtures are
asynchronous and need pytest-asyncio. The marker `glowsim(scenario=…, seed=…)` chooses the scenario of the roller.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

try:
    from pytest_asyncio import fixture
except ImportError:
    # Without it the fixtures exist, but pytest reports that nothing can run them.
    fixture = pytest.fixture  # type: ignore[assignment]  # takes what the other one takes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Protocol

    from bleak import BleakClient
    from bumble.transport.common import Transport

    from glowsim.air.air import Air
    from glowsim.peripheral.pairing.screen import Screen
    from glowsim.roller.roller import Roller
    from glowsim.testing.massages import RunningMassage
    from glowsim.time.virtual_time import VirtualTimeLoop
    from glowtool.protocol.program import StepRecord

    class StartMassage(Protocol):
        """The signature of the fixture `massage`."""

        def __call__(self, *steps: StepRecord, **fields: int) -> AbstractAsyncContextManager[RunningMassage]:
            """Run a massage for the time of a block."""
            ...

    class Host(Protocol):
        """A host, as an entry point of the group `glowsim.hosts` opens it."""

        def client(self, device: str) -> BleakClient:
            """Return a client for an address, not yet connected."""
            ...

        async def pair(self, client: BleakClient, passkey: Callable[[], object]) -> None:
            """Pair with the passkey on the roller's display."""
            ...

    HostOpener = Callable[[str, Transport, Path], AbstractAsyncContextManager[Host]]
    LoopFactories = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]

T = TypeVar("T")

HOST_GROUP: Final = "glowsim.hosts"
DEFAULT_SEED: Final = 1
_LOOPS: Final = "glowsim loop factories"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        "glowsim(scenario=None, seed=1): the scenario of the fixture `roller`: its name, or its path relative to the "
        "test",
    )


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, None, None]:
    """Add the loop factories with the first test that asks for virtual time; other suites never see them."""
    manager = metafunc.config.pluginmanager
    if "virtual_time" in metafunc.fixturenames and not manager.has_plugin(_LOOPS):
        manager.register(_LoopFactories(), _LOOPS)
    return (yield)


class _LoopFactories:
    # pytest finds hooks by the beginning of their names.

    @pytest.hookimpl(specname="pytest_asyncio_loop_factories", tryfirst=True, optionalhook=True)
    def pytest_virtual(self, item: pytest.Item) -> LoopFactories | None:
        from glowsim.time.virtual_time import VirtualTimeLoop  # noqa: PLC0415 - only when it is wanted

        return {"virtual-time": VirtualTimeLoop} if "virtual_time" in getattr(item, "fixturenames", ()) else None

    @pytest.hookimpl(specname="pytest_asyncio_loop_factories", trylast=True, optionalhook=True)
    def pytest_ordinary(self) -> LoopFactories:
        return {"asyncio": asyncio.new_event_loop}


@fixture
async def virtual_time() -> VirtualTimeLoop:
    """Run the test on a loop whose clock jumps from timer to timer; this is the loop, and `time()` its clock."""
    from glowsim.time.virtual_time import VirtualTimeLoop  # noqa: PLC0415 - only when it is wanted

    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualTimeLoop):
        pytest.fail(
            "the test does not run in virtual time: mark it with pytest.mark.asyncio, or set asyncio_mode = auto; if "
            "that is done, update pytest-asyncio to one that knows pytest_asyncio_loop_factories"
        )
    return loop


@fixture
async def air() -> Air:
    """Return an empty air; rollers and hosts on it hear each other."""
    from glowsim.air.air import Air  # noqa: PLC0415 - only when it is wanted

    return Air()


@fixture
async def roller(
    request: pytest.FixtureRequest, air: Air, tmp_path: Path, _glowsim_display: list[Screen]
) -> AsyncIterator[Roller]:
    """Yield a new roller, switched on and ready to pair; its state is in `tmp_path / "roller"`."""
    from glowsim.roller.roller import Roller  # noqa: PLC0415 - only when it is wanted
    from glowsim.scene.scenario import load  # noqa: PLC0415 - only when it is wanted

    name, seed = _asked(request.node.get_closest_marker("glowsim"))
    beside = None if name is None else request.path.parent / name
    scenario = load(str(beside) if beside is not None and beside.suffix == ".toml" and beside.exists() else name)
    opening = Roller.open(air, tmp_path / "roller", scenario, seed=seed, display=_glowsim_display.append)
    async with _held(opening) as opened:
        yield opened


def _asked(marker: pytest.Mark | None) -> tuple[str | None, int]:
    """Return the scenario and the seed that a test asks for."""

    def asked(scenario: str | Path | None = None, seed: int = DEFAULT_SEED) -> tuple[str | None, int]:
        return None if scenario is None else str(scenario), seed

    if marker is None:
        return asked()
    try:
        return asked(*marker.args, **marker.kwargs)
    except TypeError as error:
        raise pytest.UsageError(f"pytest.mark.glowsim is used as glowsim(scenario=None, seed=1): {error}") from error


@fixture
async def glow_client(
    air: Air, roller: Roller, tmp_path: Path, _glowsim_display: list[Screen]
) -> AsyncIterator[BleakClient]:
    """Yield a bleak client that is connected and bonded, by passkey, with `roller`."""
    async with _held(_client(air, roller.air_address, tmp_path / "host", _glowsim_display)) as client:
        yield client


@fixture
async def massage(glow_client: BleakClient) -> StartMassage:
    """Return a function that starts a massage on `roller`; the massage stops at the end of the block.

    Use it as `async with massage(peak_ua=300) as running:`; it takes the arguments of
    `glowsim.testing.massages.massaging`.
    """
    from glowsim.testing.massages import massaging  # noqa: PLC0415 - only when it is wanted

    return partial(massaging, glow_client)


@pytest.fixture
def _glowsim_display() -> list[Screen]:
    return []


@asynccontextmanager
async def _client(air: Air, address: str, bonds_dir: Path, display: list[Screen]) -> AsyncIterator[BleakClient]:
    from glowsim.air.transport import in_process_transport  # noqa: PLC0415 - only when it is wanted

    async def passkey() -> int:
        return next(screen.passkey for screen in reversed(display) if screen.passkey is not None)

    async with in_process_transport(air, "host") as transport, _host_opener()("virtual", transport, bonds_dir) as host:
        client = host.client(address)
        await client.connect()
        try:
            await client.pair(passkey=passkey)
            yield client
        finally:
            await client.disconnect()


def _host_opener() -> HostOpener:
    from importlib.metadata import entry_points  # noqa: PLC0415 - only when it is wanted

    # The simulator does not know the host under test: the host's package announces it.
    for point in entry_points(group=HOST_GROUP):
        opener: HostOpener = point.load()
        return opener
    raise pytest.UsageError(
        f"glow_client needs a host: install a package with an entry point in the group {HOST_GROUP}"
    )


@asynccontextmanager
async def _held(block: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Hold a block open in its own task: fixtures begin and end in different tasks, and task groups must not."""
    entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        try:
            async with block as held:
                entered.set_result(held)
                await leave.wait()
        except Exception as error:  # whatever the fixture raises on entering belongs to the test that asked for it
            if entered.done():
                raise
            entered.set_exception(error)

    holding = asyncio.create_task(hold(), name="glowsim fixture")
    try:
        yield await entered
    finally:
        leave.set()
        await holding
