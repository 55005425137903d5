"""The numbers of `alert-rules/thresholds.yml`, for colours: a colour cannot ask Prometheus. Lines in graphs ask for the series."""

import os
import re
from pathlib import Path

RULES = Path(os.environ.get("PRATIKO_ALERT_RULES", Path(__file__).resolve().parents[2] / "alert-rules"))

_RULE = re.compile(r"^\s*- record: pratiko:threshold:(?P<name>\w+)\n(?P<labels>\s*labels: \{.*\}\n)?\s*expr: vector\((?P<number>[\d.]+)\)$", re.MULTILINE)
_LABEL = re.compile(r"(\w+): \"?([\w.]+)\"?")


def _read() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = (RULES / "thresholds.yml").read_text(encoding="utf-8")
    return {
        (found["name"], tuple(_LABEL.findall((found["labels"] or "").partition("{")[2]))): float(found["number"])
        for found in _RULE.finditer(text)
    }


_NUMBERS = _read()


def number(name: str, **labels: str) -> float:
    """What alerts compare with."""
    return _NUMBERS[name, tuple(labels.items())]


def series(name: str, **labels: str) -> str:
    """The same as one series without labels, to draw a line from."""
    selector = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"max(pratiko:threshold:{name}{{{selector}}})" if selector else f"max(pratiko:threshold:{name})"
