"""`python3 -m generator` writes the dashboards beside this package; with `--check` it only says which are stale."""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from . import alerts, business, costs, overview, performance
from .board import Board

HERE = Path(__file__).resolve().parent.parent
BOARDS: list[Board] = [overview.BOARD, costs.BOARD, business.BOARD, performance.BOARD, alerts.BOARD]


def files() -> dict[str, str]:
    """The content of each file that is made."""
    made = {f"{board.name}.json": dashboard(board) for board in BOARDS}
    made["panels.yml"] = topics()
    return made


def dashboard(board: Board) -> str:
    ids = [panel.id for panel in board.panels()] + [row.id for row in board.rows if row.title]
    repeated = {id for id in ids if ids.count(id) > 1}
    if repeated:
        raise SystemExit(f"{board.name}: panel numbers used twice: {sorted(repeated)}")
    content = json.loads(JSONEncoder().encode(board.build()))
    content["id"] = None
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def topics() -> str:
    """Which panel explains what an alert is about."""
    lines = ["# Made by `grafana-dashboards/generate`: the panel that explains each topic of alerts.", "# dashboard_url: /d/<dashboard>/?viewPanel=<panel>"]
    seen: dict[str, str] = {}
    for board in BOARDS:
        for panel in board.panels():
            for topic in panel.topics:
                if topic in seen:
                    raise SystemExit(f"topic {topic}: on {seen[topic]} and {board.name}")
                seen[topic] = board.name
                lines.append(f'{topic}: {{ dashboard: {board.uid}, panel: {panel.id}, title: "{panel.title}" }}')
    return "\n".join(lines) + "\n"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for name, content in files().items():
        path = HERE / name
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not check:
            path.write_text(content, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'stale; run grafana-dashboards/generate' if check else 'written'}")
    return 1 if check and stale else 0


sys.exit(main())
