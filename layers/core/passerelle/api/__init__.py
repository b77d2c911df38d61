"""The HTTP API under /v1, one file a noun, and the door where webhooks knock."""
