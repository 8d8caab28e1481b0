"""The account of a stream agrees with a count by brute force, whatever is lost, repeated or restarted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.drivers.gr1.incoming.account import Accountant, AccountSettings, Fate
from glowtool.model.channel import Stream
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.arrivals import Books, Gap

RATE_HZ = 200
PER_FRAME = 10
FRAME_US = PER_FRAME * 5000


def sent_frames(count: int, first_sequence: int = 0, start_us: int = 4_294_000_000) -> list[FrameHeader]:
    headers = []
    fast = slow = 0
    for number in range(count):
        sequence = (first_sequence + number) % 65_536
        if number % 21 == 20:
            time_us = (start_us + slow * 1_000_000) % 2**32
            headers.append(FrameHeader(Stream.SLOW, 1, sequence, time_us, slow))
            slow += 1
        else:
            time_us = (start_us + fast * FRAME_US) % 2**32
            headers.append(FrameHeader(Stream.FAST, PER_FRAME, sequence, time_us, fast * PER_FRAME))
            fast += 1
    return headers


def brute_force(arrivals: list[int], sent: int) -> Books:
    """Count with sets of absolute numbers, which a host that sees only 16 bits does not have."""
    seen: set[int] = set()
    received = late = duplicate = 0
    for number in arrivals:
        if number in seen:
            duplicate += 1
        elif seen and number < max(seen):
            late += 1
        else:
            received += 1
        seen.add(number)
    return Books(sent + duplicate, received, sent - len(seen), duplicate, late)


#: For each frame: how many copies arrive, and how many places later each one does.
FATES = st.lists(
    st.sampled_from([(0,), (0,), (0,), (0,), (), (0, 0), (3,), (0, 40), (7, 9), (200,)]), min_size=1, max_size=400
)


@settings(deadline=None)
@given(fates=FATES, first=st.sampled_from([0, 1, 65_400, 65_535]))
def test_the_books_agree_with_a_count_by_brute_force(fates: list[tuple[int, ...]], first: int) -> None:
    copies = [(number + delay, number) for number, delays in enumerate(fates) for delay in delays]
    arrivals = [number for _, number in sorted(copies)]
    headers = sent_frames(len(fates), first)
    accountant = Accountant(AccountSettings(RATE_HZ, 4_294_000_000, first))
    for number in arrivals:
        assert not accountant.process(headers[number]).reset
    books = accountant.close(len(fates))
    assert books == brute_force(arrivals, len(fates))
    assert books.received + books.lost + books.duplicate + books.late == books.sent


@settings(deadline=None)
@given(fates=FATES)
def test_used_samples_and_gaps_together_leave_out_nothing(fates: list[tuple[int, ...]]) -> None:
    copies = [(number + delay, number) for number, delays in enumerate(fates) for delay in delays]
    headers = sent_frames(len(fates))
    accountant = Accountant(AccountSettings(RATE_HZ, 4_294_000_000))
    covered: list[int] = []
    for _, number in sorted(copies):
        verdict = accountant.process(headers[number])
        if verdict.gap is not None:
            covered += range(verdict.gap.first_sample, verdict.gap.first_sample + verdict.gap.count)
            assert verdict.gap.device_time_us == 4_294_000_000 + verdict.gap.first_sample * 5000
        if verdict.fate is Fate.USED and headers[number].kind is Stream.FAST:
            assert verdict.device_time_us == 4_294_000_000 + verdict.first_sample * 5000
            covered += range(verdict.first_sample, verdict.first_sample + PER_FRAME)
    assert covered == list(range(len(covered)))


def test_the_sequence_may_go_round_more_than_once() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 4_294_000_000))
    headers = sent_frames(150_000)
    lost = set(range(65_530, 65_540)) | {131_071, 131_072}
    for number, header in enumerate(headers):
        if number not in lost:
            accountant.process(header)
    assert accountant.close(150_000) == Books(sent=150_000, received=149_988, lost=12)


def test_frames_lost_at_the_very_end_are_told_by_the_device() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 4_294_000_000))
    for header in sent_frames(10)[:7]:
        accountant.process(header)
    assert accountant.books.lost == 0
    assert accountant.close(10).lost == 3


@settings(deadline=None)
@given(
    before=st.integers(1, 300),
    lost_after=st.integers(0, 30),
    boot_us=st.integers(500_000, 4_000_000),
    start_us=st.integers(30_000_000, 600_000_000),
)
def test_a_device_that_restarts_is_noticed(before: int, lost_after: int, boot_us: int, start_us: int) -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, start_us))
    last_us = last_sample = -1
    for header in sent_frames(before, start_us=start_us):
        verdict = accountant.process(header)
        if header.kind is Stream.FAST:
            last_us, last_sample = verdict.device_time_us, verdict.first_sample
    anew = sent_frames(lost_after + 60, start_us=boot_us)[lost_after:]
    verdicts = [accountant.process(header) for header in anew if header.kind is Stream.FAST]
    fast_before = sum(header.kind is Stream.FAST for header in sent_frames(lost_after + 60, start_us=0)[:lost_after])
    assert [verdict.reset for verdict in verdicts] == [True] + [False] * (len(verdicts) - 1)
    assert verdicts[0].first_sample == last_sample + PER_FRAME * (1 + fast_before)
    assert verdicts[0].device_time_us > last_us
    assert accountant.books.received == before + len(verdicts)


def test_telemetry_started_again_is_a_reset_and_its_time_goes_on() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 1_000_000))
    for header in sent_frames(40, start_us=1_000_000):
        accountant.process(header)
    verdict = accountant.process(sent_frames(1, start_us=60_000_000)[0])
    assert verdict.reset
    assert verdict.device_time_us == 60_000_000


STREAMS = st.lists(
    st.tuples(
        st.integers(0, 60),  # frames sent
        st.integers(0, 60),  # of which the last ones do not arrive
        st.sets(st.integers(0, 59)),  # and these neither
        st.booleans(),  # whether the device can be asked afterwards
        st.integers(1_000, 90_000_000),  # µs until the next stream
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None)
@given(streams=STREAMS)
def test_the_books_of_several_streams_are_the_sum_of_each(
    streams: list[tuple[int, int, set[int], bool, int]],
) -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 4_294_000_000))
    start_us, wanted, unsettled, samples_end_us = 4_294_000_000, 0, 0, None
    received = 0
    for sent, tail, lost, asked, away_us in streams:
        accountant.begin()
        arriving = [number for number in range(max(0, sent - tail)) if number not in lost]
        headers = sent_frames(sent, start_us=start_us)
        for number in arriving:
            verdict = accountant.process(headers[number])
            assert not verdict.reset
            assert verdict.fate is Fate.USED
            if headers[number].kind is Stream.FAST:
                assert verdict.device_time_us % 2**32 == headers[number].device_time_us
                if verdict.gap is not None and samples_end_us is not None:
                    assert verdict.gap.device_time_us == samples_end_us, "what was not taken in between is a gap"
                samples_end_us = verdict.device_time_us + FRAME_US
        accountant.close(sent if asked else None)
        received += len(arriving)
        wanted += sent if asked else max(arriving, default=-1) + 1
        unsettled += not asked
        start_us += sent * FRAME_US + away_us // 5000 * 5000
    books = accountant.books
    assert books == Books(wanted, received, wanted - received, unsettled=unsettled)
    assert books.received + books.lost + books.duplicate + books.late == books.sent


def test_a_number_that_cannot_be_leaves_the_stream_unsettled() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 0))
    for header in sent_frames(10, start_us=0):
        accountant.process(header)
    assert accountant.books.unsettled == 1, "it runs"
    assert accountant.close(0) == Books(10, 10, unsettled=1), "the device restarted, and knows nothing of it"
    assert accountant.close(None).unsettled == 1, "no stream runs"


def test_a_stream_begun_without_its_end_is_never_assumed_to_have_had_one() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 0))
    for header in sent_frames(10, start_us=0):
        accountant.process(header)
    accountant.begin()
    accountant.close(0)
    assert accountant.books == Books(10, 10, unsettled=1)


def test_a_clock_that_began_anew_between_two_streams_is_noticed() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 60_000_000))
    for header in sent_frames(10, start_us=60_000_000):
        accountant.process(header)
    accountant.begin()
    verdict = accountant.process(sent_frames(1, start_us=300_000)[0])
    assert verdict.reset
    assert (verdict.first_sample, verdict.gap) == (100, None)
    assert verdict.device_time_us == 60_500_000


def test_a_frame_that_repeats_samples_says_how_many() -> None:
    accountant = Accountant(AccountSettings(RATE_HZ, 0))
    accountant.process(FrameHeader(Stream.FAST, 10, 0, 0, 0))
    verdict = accountant.process(FrameHeader(Stream.FAST, 10, 1, 30_000, 6))
    assert verdict.overlap == 4


def test_the_first_frame_is_placed_by_the_64_bit_time_of_the_status() -> None:
    uptime_us = 3 * 2**32 + 17_000
    accountant = Accountant(AccountSettings(RATE_HZ, uptime_us))
    verdict = accountant.process(FrameHeader(Stream.FAST, 10, 1, 117_000, 10))
    assert verdict.device_time_us == uptime_us + 100_000
    assert verdict.gap == Gap(0, 10, uptime_us + 50_000)
