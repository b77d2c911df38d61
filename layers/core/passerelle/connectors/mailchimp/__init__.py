"""Mailchimp: an audience and the e-commerce store beside it, by the Marketing API 3.0."""

from passerelle.connectors.mailchimp.census import Version, parse_version
from passerelle.connectors.mailchimp.census import subscriber_hash as contact_id
from passerelle.connectors.mailchimp.connector import Connector
from passerelle.connectors.mailchimp.form import LIMITS, NOTES, OFFERS, Credentials, Settings

__all__ = [
    "LIMITS",
    "NOTES",
    "OFFERS",
    "Connector",
    "Credentials",
    "Settings",
    "Version",
    "contact_id",
    "parse_version",
]
