"""Syncs the demo API into DuckDB with PyAirbyte, once from the start, once from the stored state, and once from an older state."""

import os
import signal
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

from demo_api import CURSORS, DemoApi
from report import Report

SOURCE = "source-shop"
WRONG_TOKEN = "wrong-token-51b6f0"

# A connector that hangs must not hold up the build.
SECONDS = 1800


def main(connector, demo_api):
    report = Report()
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"PyAirbyte has not finished after {SECONDS} seconds"))
    signal.alarm(SECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="airbyte-clients-") as folder,
        DemoApi(demo_api) as api,
        redirect_stdout(sys.stderr),
    ):
        ab = pyairbyte(folder)
        right_token(ab, connector, folder, api, report)
        wrong_token(ab, connector, folder, api, report)
    return report.exit_code()


def pyairbyte(folder):
    """PyAirbyte, which reads its settings when it is imported; it asks nobody and writes nothing outside the folder."""
    os.environ.update(
        AIRBYTE_OFFLINE_MODE="1",
        AIRBYTE_PROJECT_DIR=folder,
        AIRBYTE_CACHE_ROOT=folder,
        AIRBYTE_LOGGING_ROOT=folder,
        AIRBYTE_TEMP_DIR=folder,
        NO_LIVE_PROGRESS="1",
    )
    import airbyte

    return airbyte


def right_token(ab, connector, folder, api, report):
    source = ab.get_source(SOURCE, local_executable=Path(connector), config=api.config())
    source.check()
    report.expect(True, "check: the demo token is accepted", None)
    source.select_all_streams()
    cache = ab.new_local_cache("shop", cache_dir=folder)

    first = read(source, cache)
    # Only now, so that it was the connector that met the rate limit of the events.
    served = api.streams()
    names = sorted(source.get_available_streams())
    report.expect(names == sorted(served), f"discover: {', '.join(names)}", f"the API serves {', '.join(sorted(served))}")
    for name, records in served.items():
        expect_count(report, f"first read: {name}", first[name], len(records))
        expect_cached(report, cache, name, records)
    stored = states(cache)
    for name, cursor in CURSORS.items():
        # A state has the format of the records, but may hold a number as text.
        last = str(max(record[cursor] for record in served[name]))
        state = {key: str(value) for key, value in stored.get(name, {}).items()}
        report.expect(state == {cursor: last}, f"first read: the state of {name} is its last {cursor}, {last}", f"it is {state}")

    second = read(source, cache)
    for name, records in served.items():
        expect_rest(report, name, second[name], records)
        expect_cached(report, cache, name, records)
    report.expect(states(cache) == stored, "second read: the states stay", f"they are {states(cache)}")

    left = rewind(cache, stored, served)
    third = read(source, cache, streams=list(left))
    for name, number in left.items():
        expect_count(report, f"read from the middle: {name}", third[name], number)
    report.expect(states(cache) == stored, "read from the middle: it ends in the same states", f"they are {states(cache)}")
    cache.close()


def read(source, cache, streams=None):
    """How many records of each stream the connector sent."""
    result = source.read(cache=cache, streams=streams)
    # PyAirbyte publishes their sum only.
    return Counter(result._progress_tracker.stream_read_counts)


def expect_count(report, what, number, expected):
    report.expect(number == expected, f"{what}, {number} records", f"there should be {expected}")


def expect_rest(report, name, number, records):
    """An incremental stream may give the records of the last instant again, any other gives all."""
    if name not in CURSORS:
        return expect_count(report, f"second read: {name}", number, len(records))
    values = [record[CURSORS[name]] for record in records]
    boundary = values.count(max(values))
    what = f"second read: {name}, {number} of {len(records)} records"
    report.expect(number <= boundary, what, f"the last instant has {boundary}")


def expect_cached(report, cache, name, records):
    """PyAirbyte leaves out what the stream's schema does not know, and merges by primary key."""
    rows = list(cache[name])
    ids, expected = sorted(row["id"] for row in rows), sorted(record["id"] for record in records)
    lost = {key for record in records for key in record} - {key for row in rows for key, value in row.items() if value is not None}
    wrong = f"{len(rows)} rows" if len(rows) != len(expected) else f"other ids, or no value in {sorted(lost)}"
    report.expect(ids == expected and not lost, f"  in DuckDB: each of them once, and all {len(records[0])} fields", wrong)


def states(cache):
    """What PyAirbyte stored and passes to the next read."""
    artifacts = cache.get_state_provider(source_name=SOURCE).stream_state_artifacts
    return {state.stream_descriptor.name: state.stream_state.model_dump() for state in artifacts}


def rewind(cache, stored, served):
    """Stores a state in the middle of each incremental stream; how many records are left from there."""
    from airbyte_protocol.models import AirbyteStateMessage

    writer, left = cache.get_state_writer(source_name=SOURCE), {}
    for name, cursor in CURSORS.items():
        values = [record[cursor] for record in served[name]]
        middle = sorted(values)[len(values) // 2]
        state = {cursor: type(stored[name][cursor])(middle)}
        stream = {"stream_descriptor": {"name": name}, "stream_state": state}
        writer.write_state(AirbyteStateMessage.model_validate({"type": "STREAM", "stream": stream}))
        left[name] = sum(value >= middle for value in values)
    return left


def wrong_token(ab, connector, folder, api, report):
    source = ab.get_source(SOURCE, local_executable=Path(connector), config=api.config(WRONG_TOKEN))
    try:
        source.check()
        report.expect(False, "check: a wrong token is refused", "check succeeds")
    except ab.exceptions.AirbyteConnectorCheckFailedError as error:
        reason = str((error.context or {}).get("failure_reason", ""))
        useful = "the token is not valid" in reason and WRONG_TOKEN not in reason
        report.expect(useful, f"check: a wrong token is refused: {reason}", error)
    source.select_streams(["customers"])
    try:
        source.read(cache=ab.new_local_cache("refused", cache_dir=folder))
        report.expect(False, "read: a wrong token fails", "read succeeds")
    except ab.exceptions.AirbyteConnectorFailedError:
        report.expect(True, "read: a wrong token fails", None)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
