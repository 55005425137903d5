"""Figures of plans, in the same colours everywhere."""

from collections.abc import Callable

from .panels import Query

CHOSEN = 'plan=~"$plan"'
NO_PLAN = "internal|none|other|unattributed"

# Grafana gives out colours in the order of series; these have their own.
COLOURS = {"none": "#8e8e8e", "other": "#a8a8a8", "internal": "#6e6e6e", "unattributed": "#c4c4c4"}


def each(expr: Callable[[str], str]) -> list[Query]:
    """A series for each plan of the expression made of matchers, and after them what is no plan."""
    return [Query(expr(f'{CHOSEN}, plan!~"{NO_PLAN}"'), "{{plan}}"), Query(expr(f'{CHOSEN}, plan=~"{NO_PLAN}"'), "{{plan}}")]
