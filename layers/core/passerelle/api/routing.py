"""Makes the router of each noun."""

from collections.abc import Callable
from typing import cast

from aws_lambda_powertools.event_handler.router import APIGatewayRouter

# The library's constructor has no annotations, which strict checking would refuse at every call.
new_router = cast(Callable[[], APIGatewayRouter], APIGatewayRouter)
