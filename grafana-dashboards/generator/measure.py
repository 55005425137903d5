"""Asks a Prometheus what every panel asks, as Grafana would over thirty days, and says which queries were slowest."""

import argparse
import json
import re
import statistics
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
DAY = 86400
# So many has Grafana's grid.
COLUMNS = 24
VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    parser.add_argument("--end", type=int, default=int(time.time()), help="until when, in seconds since 1970")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--width", type=int, default=1600, help="of the page, in pixels: a panel asks for as many points as its part of it has")
    parser.add_argument("--alone", action="store_true", help="as if each panel were opened alone, as wide as the page")
    parser.add_argument("--scrape-interval", type=int, default=60)
    parser.add_argument("--limit", type=float, default=100, help="fail above so many milliseconds")
    parser.add_argument("--rounds", type=int, default=5, help="the fastest of so many counts: what else runs on the machine is not the query's")
    arguments = parser.parse_args()

    measured = []
    for place, part, kind, expr in queries():
        width = arguments.width if arguments.alone else int(arguments.width * part)
        millis, series, error = ask(arguments, width, kind, expr)
        measured.append((millis, place, series, error, expr))
    measured.sort(key=lambda row: -row[0])

    slow = sum(row[0] > arguments.limit for row in measured)
    empty = sum(row[2] == 0 for row in measured)
    middle = statistics.median(row[0] for row in measured)
    alone = ", each panel alone" if arguments.alone else ""
    print(f"{len(measured)} queries over {arguments.days} days, {arguments.width} pixels{alone}: half within {middle:.0f} ms, {slow} above {arguments.limit:.0f} ms, {empty} without data")
    print("\n| ms | series | panel | query |\n|---|---|---|---|")
    for millis, place, series, error, expr in measured[:10]:
        print(f"| {millis:.0f} | {series} | {place} | `{' '.join(expr.split())}` |")
    for row in measured:
        if row[3]:
            print(f"{row[1]}: {row[3]}", file=sys.stderr)
    return 1 if slow or any(row[3] for row in measured) else 0


def queries():
    """Each panel's, each annotation's, with the part of the page's width that it has."""
    for path in sorted(HERE.glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.stem}: {panel['title']}", panel["gridPos"]["w"] / COLUMNS, "query" if target.get("instant") else "query_range", target["expr"]
        for annotation in board["annotations"]["list"]:
            yield f"{path.stem}: marks, {annotation['name']}", 1, "query_range", annotation["expr"]


def ask(arguments, width: int, kind: str, expr: str) -> tuple[float, int, str]:
    length = arguments.days * DAY
    step = max(length // width, arguments.scrape_interval)
    values = {
        "window": "30d", "__range": f"{length}s", "__interval": f"{step}s",
        "__rate_interval": f"{max(step + arguments.scrape_interval, 4 * arguments.scrape_interval)}s",
    }
    # Every other variable is set to all of its values.
    parameters = {"query": VARIABLE.sub(lambda found: values.get(found[1], ".+"), expr)}
    if kind == "query":
        parameters["time"] = arguments.end
    else:
        parameters |= {"start": (arguments.end - length) // step * step, "end": arguments.end // step * step, "step": step}
    request = urllib.request.Request(f"{arguments.prometheus}/api/v1/{kind}", urllib.parse.urlencode(parameters).encode())
    times = []
    for _ in range(arguments.rounds):
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            return 0.0, 0, error.read().decode(errors="replace")
        times.append((time.perf_counter() - begun) * 1000)
    return min(times), len(json.loads(body)["data"]["result"]), ""


if __name__ == "__main__":
    sys.exit(main())
