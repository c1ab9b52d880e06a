"""One line for each thing that was looked at, and an exit code for all of them."""

import sys


class Report:
    """Counts failures while it prints what holds and what does not."""

    def __init__(self):
        self.failures = 0

    def expect(self, holds, what, instead):
        """Says whether something holds; `instead` tells what was found if it does not."""
        line = f"  {'ok     ' if holds else 'FAILED '} {what}"
        if not holds:
            self.failures += 1
            line += f"\n          {instead}"
        # Libraries that talk are sent elsewhere by whoever calls them.
        print(line, file=sys.__stdout__, flush=True)

    def exit_code(self):
        """What the process ends with."""
        return 1 if self.failures else 0
