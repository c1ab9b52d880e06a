"""Runs the standard tests of the Python CDK, which every connector of Airbyte's own has to pass, against the binary."""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
from airbyte_cdk.test import entrypoint_wrapper
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests._catalog_checks import DiscoveredCatalogWarning
from airbyte_cdk.test.standard_tests.source_base import SourceTestSuiteBase
from demo_api import DemoApi
from messages import CLIENTS
from report import Report

WRONG_TOKEN = "wrong-token-51b6f0"

SECONDS = 1800


def main(connector, demo_api):
    report = Report()
    # What the tests warn of today, they refuse tomorrow.
    warnings.simplefilter("error", DiscoveredCatalogWarning)
    with tempfile.TemporaryDirectory(prefix="airbyte-clients-") as folder, DemoApi(demo_api) as api:
        # The tests make temporary files of their own.
        tempfile.tempdir = folder
        suite = suite_for(connector, folder)
        accepted = scenario(folder, "accepted", api.config(), "succeed")
        refused = scenario(folder, "refused", api.config(WRONG_TOKEN), "failed")
        incomplete = scenario(folder, "incomplete", {"base_url": api.url}, "failed")
        tests = {
            "spec": suite.test_spec,
            "the configuration matches the spec": lambda: suite.test_config_matches_spec(accepted),
            "check": lambda: suite.test_check(accepted),
            "check with a wrong token": lambda: suite.test_check(refused),
            "check without a token": lambda: suite.test_check(incomplete),
            "discover": lambda: suite.test_discover(accepted),
            "read, where each record matches its schema": lambda: suite.test_basic_read(accepted),
            "read with a broken catalog": lambda: suite.test_fail_read_with_bad_catalog(accepted),
        }
        for name, test in tests.items():
            report.expect(*outcome(name, test))
        tempfile.tempdir = None
    return report.exit_code()


def outcome(name, test):
    try:
        test()
        return True, name, None
    except (Exception, pytest.skip.Exception) as error:
        return False, name, f"{type(error).__name__}: {error}"


def scenario(folder, name, config, status):
    """A configuration, and how `check` has to answer it."""
    path = Path(folder) / f"{name}.json"
    path.write_text(json.dumps(config))
    return ConnectorTestScenario(config_path=path, status=status)


def suite_for(connector, folder):
    """The suite, which would call a Python class and now runs a binary."""
    root = Path(folder) / "source-shop"
    root.mkdir()

    class Suite(SourceTestSuiteBase):
        @classmethod
        def get_connector_root_dir(cls):
            return root

        @classmethod
        def create_connector(cls, scenario):
            return Binary(connector)

    entrypoint_wrapper._run_command = lambda source, args, **_: source.run(args)
    return Suite()


class Binary:
    """A connector that is a program."""

    def __init__(self, path):
        self.path = path

    def spec(self, _logger):
        """The suite takes an object for a connector if it has this method; it is not called."""

    def run(self, arguments):
        command = [self.path, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
        lines = done.stdout.splitlines()
        # The suite would take a broken line for a log message.
        for line in lines:
            for client in CLIENTS:
                problem = client.problem(line.encode())
                assert not problem, f"{client.name}: {problem} in {line[:200]}"
        failure = subprocess.CalledProcessError(done.returncode, command) if done.returncode else None
        said = entrypoint_wrapper.EntrypointOutput(messages=lines, command=command, stderr=done.stderr)
        # The suite takes the exit code for an error message, but the platform needs both.
        assert bool(said.errors) == bool(failure), f"exit code {done.returncode}, but {len(said.errors)} error messages"
        return entrypoint_wrapper.EntrypointOutput(lines, failure, command=command, stderr=done.stderr)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
