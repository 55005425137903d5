"""Prices calls with the package genai-prices: JSON of calls on standard input, JSON of costs out.

A cost is a decimal as text, or null where the package has no price.
"""

import json
import sys
from datetime import datetime

sys.path.insert(0, sys.argv[1])

from genai_prices import Usage, calc_price  # noqa: E402


def cost(call):
    for model in call["models"]:
        try:
            priced = calc_price(
                Usage(**call["usage"]),
                model_ref=model,
                provider_id=call["provider"],
                genai_request_timestamp=datetime.fromisoformat(call["at"]),
                price_context=call["context"] or None,
            )
        except LookupError:
            continue
        return format(priced.total_price, "f")
    return None


json.dump([cost(call) for call in json.load(sys.stdin)], sys.stdout)
