"""Adapter specifications are parsed, and a refused one is told what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import UsageError
from glowtool.link.spec import AdapterKind, AdapterSpec


@pytest.mark.parametrize(
    ("text", "kind", "argument"),
    [
        ("auto", AdapterKind.AUTO, None),
        ("hci0", AdapterKind.SYSTEM, None),
        ("hci12", AdapterKind.SYSTEM, None),
        ("sim", AdapterKind.PLUGIN, None),
        ("sim:nominal", AdapterKind.PLUGIN, "nominal"),
        ("sim:a/b.toml:c", AdapterKind.PLUGIN, "a/b.toml:c"),
        ("tcp:127.0.0.1:9477", AdapterKind.TCP, "127.0.0.1:9477"),
        ("tcp:[::1]:9477", AdapterKind.TCP, "[::1]:9477"),
        ("bumble:usb:0", AdapterKind.BUMBLE, "usb:0"),
        ("bumble:tcp-client:localhost:1", AdapterKind.BUMBLE, "tcp-client:localhost:1"),
    ],
)
def test_understood(text: str, kind: AdapterKind, argument: str | None) -> None:
    spec = AdapterSpec.parse(text)

    assert (spec.kind, spec.argument) == (kind, argument)
    assert str(spec) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "SIM",
        " sim",
        "sim:",
        "auto:hci0",
        "hci",
        "hci-1",
        "hci0:1",
        "tcp",
        "tcp:",
        "tcp:9477",
        "tcp:host:",
        "tcp:host:0",
        "tcp:host:65536",
        "tcp:host:٣",
        "tcp::9477",
        "bumble",
        "bumble:",
        "/dev/ttyUSB0",
    ],
)
def test_refused_with_the_value_and_what_is_allowed(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        AdapterSpec.parse(text)

    assert repr(text) in str(caught.value)
    assert "tcp:HOST:PORT" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "host_port"),
    [("tcp:localhost:1", ("localhost", 1)), ("tcp:[::1]:9477", ("::1", 9477)), ("tcp:::1:9477", ("::1", 9477))],
)
def test_host_and_port(text: str, host_port: tuple[str, int]) -> None:
    assert AdapterSpec.parse(text).host_port == host_port


@given(st.text(max_size=30))
def test_any_text_is_a_spec_or_a_usage_error(text: str) -> None:
    try:
        spec = AdapterSpec.parse(text)
    except UsageError:
        return
    assert str(spec) == text
    assert AdapterSpec.parse(str(spec)) == spec


_WORDS = st.sampled_from(
    ["tcp", "bumble", "sim", "auto", "hci", "[", "]", ":", "::1", "9" * 5000, "٣", "\0", "\n", "~"]
)


@given(st.lists(_WORDS | st.text(max_size=4), max_size=6).map("".join))
def test_whatever_is_written_is_an_adapter_or_a_usage_error(text: str) -> None:
    try:
        spec = AdapterSpec.parse(text)
    except UsageError:
        return
    assert str(spec) == text
    if spec.kind is AdapterKind.TCP:
        assert 1 <= spec.host_port[1] <= 65535
