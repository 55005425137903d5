"""How everything looks: colours, units, and what a value's colour follows. The same thing has the same colour on every page."""

from grafana_foundation_sdk.builders import dashboard as builder
from grafana_foundation_sdk.models import dashboard as model

GOOD, WARN, BAD = "green", "orange", "red"
PLAIN, CALM, OTHER, QUIET = "blue", "purple", "yellow", "#8e8e8e"

EURO = "currencyEUR"
SECONDS = "s"
SHARE = "percentunit"
COUNT = "short"
RATE = "reqps"
BYTES = "bytes"
DAYS = "d"

# Names of series whose meaning has a colour of its own.
COLOURS = {
    "Target": WARN,
    "Limit": BAD,
    "Goal": GOOD,
    "Objective": BAD,
    "Budget": BAD,
}

Steps = builder.ThresholdsConfig


def steps(*pairs: tuple[float | None, str]) -> Steps:
    """Colours from values on; the first pair begins at nothing."""
    return (
        builder.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=colour) for value, colour in pairs])
    )


def below(warn: float, bad: float | None = None) -> Steps:
    """Good while below: orange from `warn` on, red from `bad` on."""
    if bad is None:
        return steps((None, GOOD), (warn, BAD))
    return steps((None, GOOD), (warn, WARN), (bad, BAD))


def above(bad: float, warn: float | None = None) -> Steps:
    """Good while above: red below `bad`, orange below `warn`."""
    if warn is None:
        return steps((None, BAD), (bad, GOOD))
    return steps((None, BAD), (bad, WARN), (warn, GOOD))


def fixed(colour: str) -> dict:
    """The value of an override that gives a series its colour."""
    return {"mode": "fixed", "fixedColor": colour}
