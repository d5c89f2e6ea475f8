"""What webhooks may be refused for."""

from app.core.problems import Problem


class WebhookUrlNotAllowed(Problem):
    status, title = 422, "Address not allowed"
    detail = (
        "Messages go to a public address, by https, without a user in it. For an address on an"
        " intranet ask the operator of this service."
    )


class WebhookEndpointEnded(Problem):
    status, title = 409, "Endpoint ended"
    detail = "This endpoint was ended for good. Create another one."


class WebhookEndpointDisabled(Problem):
    status, title = 409, "Endpoint disabled"
    detail = "Nothing is sent to this endpoint. Enable it first."


class TwentyWebhookEndpointsAtMost(Problem):
    status, title, constraint = 409, "Twenty endpoints", "twenty_webhook_endpoints_at_most"
    detail = "An organisation has 20 endpoints at most. End one that is no longer needed."
