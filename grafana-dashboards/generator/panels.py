"""Kinds of panels. Each takes its fixed number, its words and its queries; everything else is decided here once."""

from dataclasses import dataclass

from grafana_foundation_sdk.builders import (
    bargauge as bargauge_panel,
    common,
    dashboard as builder,
    gauge as gauge_panel,
    heatmap as heatmap_panel,
    prometheus,
    stat as stat_panel,
    statetimeline,
    table as table_panel,
    timeseries,
)
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heatmap_kinds
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from . import look

DATA_SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_VALUE = "–"


@dataclass(frozen=True)
class Query:
    """One query of a panel, and the name of its series."""

    expr: str
    name: str = "__auto"
    dashed: bool = False
    colour: str | None = None


@dataclass(frozen=True)
class Numbered:
    """A panel with what alerts link to it about."""

    panel: object
    id: int
    title: str
    topics: tuple[str, ...]


def line(expr: str, name: str, colour: str | None = None) -> Query:
    """A threshold or a goal: drawn dashed over what it is compared with."""
    return Query(expr, name, dashed=True, colour=colour or look.COLOURS.get(name, look.BAD))


def _targets(panel, queries, instant=False, shape=PromQueryFormat.TIME_SERIES):
    for index, query in enumerate(queries):
        if isinstance(query, str):
            query = Query(query)
        target = (
            prometheus.Dataquery()
            .expr(query.expr)
            .legend_format(query.name)
            .format(shape)
            .ref_id(chr(ord("A") + index))
            .datasource(DATA_SOURCE)
        )
        panel.with_target(target.instant() if instant else target.range())
    return panel


def _panel(panel, id, title, description, width, height, unit=None, decimals=None, no_value=NO_VALUE, links=()):
    panel.id(id).title(title).description(description).datasource(DATA_SOURCE).span(width).height(height)
    if unit:
        panel.unit(unit)
    if decimals is not None:
        panel.decimals(decimals)
    if links:
        panel.links(list(links))
    return panel.no_value(no_value)


def _coloured(panel, colours):
    """By a value's thresholds, or in one colour where a figure is neither good nor bad."""
    if isinstance(colours, str):
        panel.color_scheme(builder.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(colours))
    else:
        panel.color_scheme(builder.FieldColor().mode(model.FieldColorModeId.THRESHOLDS)).thresholds(colours)


def _override(panel, name, properties, regexp=False):
    values = [model.DynamicConfigValue(id_val=key, value=value) for key, value in properties.items()]
    return panel.override_by_regexp(name, values) if regexp else panel.override_by_name(name, values)


def _reduce(calculation="lastNotNull", rows=False):
    return common.ReduceDataOptions().calcs([calculation]).values(rows).fields("")


def link(title: str, url: str, new_tab: bool = False):
    return builder.DashboardLink(title).type(model.DashboardLinkType.LINK).url(url).target_blank(new_tab).keep_time(True)


def stat(id, title, description, *queries, unit, colours, decimals=None, width=3, height=4, spark=True, topics=(), mapping=None, no_value=NO_VALUE, links=()):
    """One figure, coloured by what it means, over its own course."""
    panel = _panel(stat_panel.Panel(), id, title, description, width, height, unit, decimals, no_value, links)
    _coloured(panel, colours)
    panel.graph_mode(kinds.BigValueGraphMode.AREA if spark else kinds.BigValueGraphMode.NONE)
    panel.color_mode(kinds.BigValueColorMode.VALUE).reduce_options(_reduce()).text_mode(kinds.BigValueTextMode.VALUE)
    panel.justify_mode(kinds.BigValueJustifyMode.AUTO).orientation(kinds.VizOrientation.AUTO)
    if mapping:
        panel.mappings([_mapping(mapping)])
    return Numbered(_targets(panel, queries, instant=not spark), id, title, tuple(topics))


def gauge(id, title, description, query, unit, colours, low, high, decimals=None, width=4, height=6, topics=()):
    """A figure on its way from one end to another."""
    panel = _panel(gauge_panel.Panel(), id, title, description, width, height, unit, decimals)
    _coloured(panel, colours)
    panel.min(low).max(high).reduce_options(_reduce()).show_threshold_markers(True).show_threshold_labels(False)
    return Numbered(_targets(panel, [query], instant=True), id, title, tuple(topics))


def lines(id, title, description, *queries, unit, decimals=None, width=12, height=8, low=0, high=None, stacked=False,
          topics=(), colours=None, right=None, log=False, links=(), no_value=NO_VALUE, rename=None, step=None):
    """Courses over time. Dashed ones are thresholds and goals."""
    # Counts have none. A ratio must not have 0 of them: then its axis has no line between 0 and 100 %.
    panel = _panel(timeseries.Panel(), id, title, description, width, height, unit, 0 if unit == look.COUNT else decimals, no_value, links)
    panel.line_width(1 if stacked else 2).show_points(kinds.VisibilityMode.NEVER).span_nulls(False)
    panel.fill_opacity(40 if stacked else 8).gradient_mode(kinds.GraphGradientMode.NONE if stacked else kinds.GraphGradientMode.OPACITY)
    panel.color_scheme(builder.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC)).draw_style(kinds.GraphDrawStyle.LINE)
    if low is not None:
        panel.min(low)
    if high is not None:
        panel.max(high)
    if unit == look.COUNT and low == 0:
        panel.axis_soft_max(4)
    if stacked:
        panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    if step:
        panel.interval(step)
    if log:
        panel.scale_distribution(common.ScaleDistributionConfig().type(kinds.ScaleDistribution.LOG).log(10))
    panel.tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING))
    panel.legend(common.VizLegendOptions().show_legend(True).placement(kinds.LegendPlacement.BOTTOM).display_mode(kinds.LegendDisplayMode.LIST).calcs([]))
    for query in queries:
        if isinstance(query, Query) and query.dashed:
            _override(panel, query.name, {
                "color": look.fixed(query.colour), "custom.lineStyle": {"fill": "dash", "dash": [8, 6]}, "custom.lineWidth": 2, "custom.fillOpacity": 0,
                "custom.stacking": {"mode": "none", "group": "A"}, "custom.drawStyle": "line",
            })
        elif isinstance(query, Query) and query.colour:
            _override(panel, query.name, {"color": look.fixed(query.colour)})
    if rename:
        panel.with_transformation(model.DataTransformerConfig(id_val="renameByRegex", options={"regex": rename[0], "renamePattern": rename[1]}))
    for name, colour in (colours or {}).items():
        _override(panel, name, {"color": look.fixed(colour)})
    for name, properties in (right or {}).items():
        _override(panel, name, {"custom.axisPlacement": "right", **properties})
    return Numbered(_targets(panel, queries), id, title, tuple(topics))


def barchart(id, title, description, *queries, unit, colours, decimals=None, width=8, height=8, high=None, low=0, topics=(), palette=False, name=None):
    """Parts side by side, as they are now."""
    panel = _panel(bargauge_panel.Panel(), id, title, description, width, height, unit, decimals)
    panel.min(low)
    if high is not None:
        panel.max(high)
    if palette:
        panel.color_scheme(builder.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    else:
        _coloured(panel, colours)
    panel.orientation(kinds.VizOrientation.HORIZONTAL).display_mode(kinds.BarGaugeDisplayMode.BASIC).value_mode(kinds.BarGaugeValueMode.COLOR)
    panel.text(common.VizTextDisplayOptions().title_size(14).value_size(20))
    panel.show_unfilled(True).min_viz_height(16).min_viz_width(8).reduce_options(_reduce())
    if name:  # Without, a single bar has none.
        panel.display_name(name)
    return Numbered(_targets(panel, queries, instant=True), id, title, tuple(topics))


@dataclass(frozen=True)
class Column:
    """A column of a table: the label or the query that it shows, its heading, and how it is written."""

    source: str
    heading: str
    unit: str | None = None
    decimals: int | None = None
    colours: object = None
    width: int | None = None
    bar: bool = False
    mapping: dict | None = None
    link: tuple[str, str] | None = None


def table(id, title, description, queries, columns, width=24, height=8, sort=None, topics=(), no_value=NO_VALUE, links=()):
    """A row per thing. Several queries are joined by the labels that they share; the rest is left out."""
    panel = _panel(table_panel.Panel(), id, title, description, width, height, no_value=no_value, links=links)
    panel.show_header(True).cell_height(kinds.TableCellHeight.SM)
    if sort:
        panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(True)])
    for column in columns:
        properties = {"noValue": NO_VALUE}
        if column.unit:
            properties["unit"] = column.unit
        if column.decimals is not None:
            properties["decimals"] = column.decimals
        if column.width:
            properties["custom.width"] = column.width
        if column.colours:
            properties["thresholds"] = column.colours.build().to_json()
            properties["color"] = {"mode": "thresholds"}
            properties["custom.cellOptions"] = {"type": "gauge", "mode": "basic", "valueDisplayMode": "color"} if column.bar else {"type": "color-text"}
        if column.bar:
            properties |= {"min": 0, "max": 1}
        if column.mapping:
            properties["mappings"] = [{"type": "value", "options": column.mapping}]
            properties["custom.cellOptions"] = {"type": "color-text"}
            properties["custom.align"] = "left"
        if column.link:
            properties["links"] = [{"title": column.link[0], "url": column.link[1], "targetBlank": True}]
        _override(panel, column.heading, properties)
    if len(queries) > 1:
        panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(model.DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": [c.source for c in columns]}}))
    panel.with_transformation(model.DataTransformerConfig(id_val="organize", options={
        "indexByName": {column.source: index for index, column in enumerate(columns)},
        "renameByName": {column.source: column.heading for column in columns},
        "excludeByName": {},
    }))
    return Numbered(_targets(panel, queries, instant=True, shape=PromQueryFormat.TABLE), id, title, tuple(topics))


def states(id, title, description, *queries, mapping, width=24, height=8, topics=(), no_value=NO_VALUE, row_height=0.7, legend=False):
    """What was in which state, and when."""
    panel = _panel(statetimeline.Panel(), id, title, description, width, height, no_value=no_value)
    panel.show_value(kinds.VisibilityMode.NEVER).row_height(row_height).merge_values(True).fill_opacity(80).line_width(0)
    panel.mappings([_mapping(mapping)]).color_scheme(builder.FieldColor().mode(model.FieldColorModeId.THRESHOLDS)).thresholds(look.steps((None, look.QUIET)))
    panel.legend(common.VizLegendOptions().show_legend(legend).display_mode(kinds.LegendDisplayMode.LIST).placement(kinds.LegendPlacement.BOTTOM))
    panel.tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.SINGLE).sort(kinds.SortOrder.NONE))
    return Numbered(_targets(panel, queries), id, title, tuple(topics))


def heatmap(id, title, description, expr, unit, width=12, height=8, topics=()):
    """How many took how long, and when."""
    panel = _panel(heatmap_panel.Panel(), id, title, description, width, height, unit)
    panel.calculate(False).cell_gap(1).show_legend().show_tooltip()
    panel.color(heatmap_panel.HeatmapColorOptions().mode(heatmap_kinds.HeatmapColorMode.SCHEME).scheme("Blues").exponent(0.5).steps(64).fill("dark-orange"))
    panel.y_axis(heatmap_panel.YAxisConfig().unit(unit).axis_placement(kinds.AxisPlacement.LEFT))
    panel.cell_values(heatmap_panel.CellValues().unit(look.RATE))
    return Numbered(_targets(panel, [Query(expr, "{{le}}")], shape=PromQueryFormat.HEATMAP), id, title, tuple(topics))


def _mapping(texts: dict[str, tuple[str, str]]):
    """Numbers as words: `{"1": ("down", BAD)}`."""
    return model.ValueMap(options={
        value: model.ValueMappingResult(text=text, color=colour, index=index) for index, (value, (text, colour)) in enumerate(texts.items())
    })
