"""Runs the demo API as a process and lists what it serves, without the connector."""

import json
import subprocess
import time
import urllib.error
import urllib.request

TOKEN = "demo-token"

# The field of each incremental stream that a state stands for.
CURSORS = {"orders": "updated_at", "events": "occurred_at"}


class DemoApi:
    """The demo API on a free port, for as long as the `with` block lasts."""

    def __init__(self, binary):
        self.binary = binary

    def __enter__(self):
        self.process = subprocess.Popen([self.binary, "--port", "0"], stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if not words or not words[0].startswith("http://"):
            self.__exit__()
            raise RuntimeError(f"{self.binary} does not print its URL first, but {' '.join(words) or 'nothing'}")
        self.url = words[0]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def config(self, token=TOKEN):
        """What a user of the connector fills in."""
        return {"base_url": self.url, "token": token}

    def streams(self):
        """All records of each stream."""
        orders = self._orders()
        return {
            "customers": self._numbered("/customers", "data"),
            "products": self._products(),
            "orders": orders,
            "order_lines": [line for order in orders for line in self._lines(order["id"])],
            "events": self._numbered("/events", None),
        }

    def _numbered(self, path, key):
        records = []
        for page in range(1, 1000):
            answer = self._get(f"{path}?page={page}&per_page=100")
            found = answer[key] if key else answer
            if not found:
                break
            records += found
        return records

    def _products(self):
        records = []
        while True:
            answer = self._get(f"/products?offset={len(records)}&limit=100")
            records += answer["items"]
            if len(records) >= answer["total"]:
                return records

    def _orders(self):
        records, cursor = [], ""
        while cursor is not None:
            answer = self._get("/orders?limit=200" + (f"&cursor={cursor}" if cursor else ""))
            records += answer["orders"]
            cursor = answer["meta"]["next_cursor"]
        return records

    def _lines(self, order):
        try:
            return self._get(f"/orders/{order}/lines")
        except urllib.error.HTTPError as error:
            if error.code == 404 and json.load(error)["error"]["code"] == "no_lines":
                return []
            raise

    def _get(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {TOKEN}"})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                # The API limits the first request for the third page of events.
                if error.code != 429:
                    raise
                time.sleep(float(error.headers["retry-after"]))
