"""A dashboard: its question, its rows, and what all five share (variables, links, annotations)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as builder
from grafana_foundation_sdk.models import dashboard as model

from .panels import DATA_SOURCE, Numbered

TAG = "pratiko"
PROMETHEUS = Path(__file__).resolve().parents[2] / "deploy/prometheus/prometheus.yml"


def runbooks() -> str:
    """Where runbooks are read, as alerts say it: `external_labels` of Prometheus."""
    found = re.search(r"^    runbooks: (\S+)$", PROMETHEUS.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise SystemExit(f"{PROMETHEUS}: no external label `runbooks`")
    return found[1]


@dataclass(frozen=True)
class Row:
    """Panels under a heading; the first row of a dashboard has none."""

    panels: list[Numbered]
    id: int = 0
    title: str = ""
    collapsed: bool = False


@dataclass(frozen=True)
class Board:
    """One dashboard: the question that its first row answers and that the other rows explain."""

    name: str
    title: str
    question: str
    rows: list[Row]
    variables: list = field(default_factory=list)
    annotations: list = field(default_factory=list)
    since: str = "now-7d"

    @property
    def uid(self) -> str:
        return f"pratiko-{self.name}"

    def panels(self) -> list[Numbered]:
        return [panel for row in self.rows for panel in row.panels]

    def build(self) -> model.Dashboard:
        board = (
            builder.Dashboard(f"Pratiko / {self.title}")
            .uid(self.uid)
            .description(self.question)
            .tags([TAG])
            .readonly()
            .tooltip(model.DashboardCursorSync.CROSSHAIR)
            .time(self.since, "now")
            .timezone("browser")
            .refresh("1m")
            .version(1)
        )
        board.with_variable(data_source())
        for variable in [*self.variables, runbook_address()]:
            board.with_variable(variable)
        for annotation in self.annotations:
            board.annotation(annotation)
        board.link(
            builder.DashboardLink("Pratiko").type(model.DashboardLinkType.DASHBOARDS).tags([TAG]).icon("external link")
            .as_dropdown(False).keep_time(True).include_vars(True).target_blank(False)
        )
        board.link(
            builder.DashboardLink("Runbooks").type(model.DashboardLinkType.LINK).url("${runbooks}").icon("doc")
            .tooltip("What to do about each alert").target_blank(True)
        )
        for row in self.rows:
            if row.title:
                board.with_row(builder.Row(row.title).id(row.id).collapsed(False))
            for numbered in row.panels:
                board.with_panel(numbered.panel)
        return board.build()


def data_source():
    return builder.DatasourceVariable("datasource").label("Data source").type("prometheus").current(
        model.VariableOption(selected=True, text="Prometheus", value="prometheus"))


def runbook_address():
    """Hidden: what links to runbooks begin with. Edit it with `dashboards` and `runbooks` of Prometheus."""
    address = runbooks()
    return builder.ConstantVariable("runbooks").label("Runbooks").value(address)


def choice(name: str, label: str, query: str):
    """Any number of a label's values; all of them at first."""
    return (
        builder.QueryVariable(name).label(label).query({"query": query, "refId": name}).datasource(DATA_SOURCE)
        .multi(True).include_all(True).all_value(".+").refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .current(model.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def choose_plans():
    return choice("plan", "Plan", "label_values(pratiko:threshold:plan_cost_per_user_eur, plan)")


def windows(chosen: str):
    """The windows that the ledger's figures exist for."""
    names = ["1h", "1d", "7d", "30d"]
    return (
        builder.CustomVariable("window").label("Window").values(",".join(names))
        .options([model.VariableOption(selected=name == chosen, text=name, value=name) for name in names])
        .current(model.VariableOption(selected=True, text=chosen, value=chosen))
    )


def alerts(areas: str):
    """A mark where an alert of these areas began to fire; for how long is on the dashboard Alerts."""
    firing = f'ALERTS{{alertstate="firing", severity=~"critical|warning", area=~"{areas}"}}'
    return annotation("Alerts", f"{firing} unless {firing} offset $__rate_interval", "red", "{{alertname}}", "{{severity}} {{plan}} {{instance}}")


def restarts(job: str):
    """A mark where processes began anew: deployments and crashes."""
    return annotation("Deploys and restarts", f'sum by (job) (changes(process_start_time_seconds{{job=~"{job}"}}[$__rate_interval])) > 0',
                      "blue", "{{job}} restarted", "")


def annotation(name: str, expr: str, colour: str, title: str, text: str):
    made = builder.AnnotationQuery().name(name).datasource(DATA_SOURCE).enable(True).hide(False).icon_color(colour).expr(expr).build()
    return Annotation(made, {"titleFormat": title, "textFormat": text, "step": "60s", "tagKeys": "", "useValueForTime": False})


class Annotation:
    """An annotation with the fields that the SDK does not know."""

    def __init__(self, made: model.AnnotationQuery, more: dict) -> None:
        self.made, self.more = made, more

    def build(self) -> "Annotation":
        return self

    def to_json(self) -> dict:
        return {**self.made.to_json(), **self.more}
