"""Reads a page from its input with prometheus_client and prints its samples, one as JSON a line."""

import io
import json
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text

parse = {"text": text, "openmetrics": openmetrics}[sys.argv[1]].text_string_to_metric_families
page = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="\n").read()
output = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
for family in parse(page):
    for sample in family.samples:
        line = {
            "kind": family.type,
            "help": family.documentation,
            "name": sample.name,
            "labels": sorted(sample.labels.items()),
            "value": repr(sample.value),
            "trace": sample.exemplar.labels["trace_id"] if sample.exemplar else None,
        }
        print(json.dumps(line), file=output)
output.flush()
