"""Reads a connector's output with Airbyte's two sets of protocol models: no line may be refused, and nothing in it lost."""

import json
import sys
from collections import Counter
from importlib.metadata import version

import orjson
from airbyte_cdk.models import AirbyteMessageSerializer
from airbyte_protocol.models import AirbyteMessage
from report import Report

# How many of a kind the tour's four commands say.
EXACTLY_ONE = ("SPEC", "CONNECTION_STATUS", "CATALOG")
AT_LEAST_ONE = ("RECORD", "STATE", "TRACE")

SHOWN = 5


def main(path):
    report = Report()
    with open(path, "rb") as file:
        lines = file.read().splitlines()
    counts = Counter(kind(line) for line in lines)
    print(f"{len(lines)} messages: " + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    for name in EXACTLY_ONE:
        report.expect(counts[name] == 1, f"one {name}", f"there are {counts[name]}")
    for name in AT_LEAST_ONE:
        report.expect(counts[name] > 0, f"{name} messages", "there are none")
    for client in CLIENTS:
        found = [f"line {number}: {problem}" for number, line in enumerate(lines, 1) if (problem := client.problem(line))]
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        what = f"{client.name} reads every line and loses nothing"
        report.expect(not found, what, "\n          ".join(found[:SHOWN] + more))
        trusted(client, report)
    return report.exit_code()


class Pydantic:
    """The models of PyAirbyte."""

    name = f"airbyte-protocol-models-pdv2 {version('airbyte-protocol-models-pdv2')}"

    def problem(self, line):
        return problem(line, self.repeated, lambda sent, kept: difference(sent, kept, True))

    def repeated(self, line):
        # The specification's `supportsNormalization` and `supportsDBT` would appear with their defaults.
        return AirbyteMessage.model_validate_json(line).model_dump_json(exclude_unset=True)


class Dataclasses:
    """The models of the Python CDK, and of everything that is tested with it."""

    name = f"airbyte-cdk {version('airbyte-cdk')}"

    def problem(self, line):
        # Its serializer drops nulls, in records too, and adds defaults that cannot be told from values.
        return problem(line, self.repeated, lambda sent, kept: difference(sent, kept, False))

    def repeated(self, line):
        return orjson.dumps(AirbyteMessageSerializer.dump(AirbyteMessageSerializer.load(orjson.loads(line))))


CLIENTS = (Pydantic(), Dataclasses())

RECORD = '{"type":"RECORD","record":{"stream":"s","data":{"id":1},"emitted_at":1}}'
BROKEN = {
    "a line that is no JSON": RECORD[:-1],
    "a type that does not exist": RECORD.replace("RECORD", "ROW"),
    "a record without its stream": RECORD.replace('"stream":"s",', ""),
    "a record whose data is an array": RECORD.replace('{"id":1}', "[1]"),
    "a record that was emitted at no time": RECORD.replace('"emitted_at":1', '"emitted_at":"now"'),
    "a value that is no JSON": RECORD.replace('"id":1', '"id":NaN'),
    "a key that comes twice": RECORD.replace('"id":1', '"id":1,"id":2'),
    "a trace without its time": '{"type":"TRACE","trace":{"type":"ERROR","error":{"message":"m"}}}',
    "a stream without sync modes": '{"type":"CATALOG","catalog":{"streams":[{"name":"s","json_schema":{}}]}}',
}


def trusted(client, report):
    """A client that takes everything would prove nothing."""
    taken = [name for name, line in BROKEN.items() if not client.problem(line.encode())]
    report.expect(not taken, f"{len(BROKEN)} broken lines are refused", f"{client.name} takes {', '.join(taken)}")
    problem = client.problem(RECORD.encode())
    report.expect(not problem, "the line that they were made from is not", problem)


def problem(line, repeated, differs):
    """Why a client cannot work with a line; nothing if it can."""
    try:
        sent = strict(line)
        return differs(sent, json.loads(repeated(line)))
    except Exception as error:  # Each library has its own kinds of refusal.
        return f"refused, {type(error).__name__}: {' '.join(str(error).split())[:400]}"


def strict(line):
    """A line as JSON; Python's reader alone would take NaN and the last of two equal keys."""

    def distinct(members):
        keys = Counter(key for key, _ in members)
        if len(keys) < len(members):
            raise ValueError(f"the key {keys.most_common(1)[0][0]} comes twice")
        return dict(members)

    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads(line, object_pairs_hook=distinct, parse_constant=refuse)


def difference(sent, kept, exact, path="$"):
    """Where what a client kept differs from what was sent; unless `exact`, null is as good as nothing."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for key in sent.keys() | kept.keys() if exact else [key for key in sent if sent[key] is not None]:
            if key not in kept or key not in sent:
                return f"{path}.{key} is {'lost' if key in sent else 'new'}"
            if found := difference(sent[key], kept[key], exact, f"{path}.{key}"):
                return found
        return None
    if isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        differences = (difference(one, other, exact, f"{path}[{at}]") for at, (one, other) in enumerate(zip(sent, kept)))
        return next(filter(None, differences), None)
    # Python holds `True == 1`.
    same = sent == kept and isinstance(sent, bool) == isinstance(kept, bool)
    return None if same else f"{path} is {json.dumps(kept)[:80]}, but {json.dumps(sent)[:80]} was sent"


def kind(line):
    try:
        return str(json.loads(line)["type"])
    except (ValueError, KeyError, TypeError):
        return "no message"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
