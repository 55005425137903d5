"""PromQL that several panels share."""


def ledger(metric: str, *matchers: str, **labels: str) -> str:
    """What the ledger says: every exporter on it says the same, so that one of them is enough. Labels with `|` are alternatives."""
    equal = [f'{label}{"=~" if "|" in value else "="}"{value}"' for label, value in labels.items()]
    selector = ", ".join([*matchers, *equal])
    return f"max without (instance) ({metric}{{{selector}}})" if selector else f"max without (instance) ({metric})"


def total(expr: str) -> str:
    return f"sum({expr})"


def threshold(name: str) -> str:
    """A recorded threshold, as one series without labels to draw a line from."""
    return f"max(pratiko:threshold:{name})"


def ratio(part: str, whole: str) -> str:
    return f"({part})\n/\n({whole})"
