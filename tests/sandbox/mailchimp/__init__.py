"""A strict Mailchimp account to test against: Marketing API 3.0 over an in-memory state.

`openapi-subset.json.gz` is the part of Mailchimp's published description that bodies are checked against;
its licences are beside it.
"""

from sandbox.mailchimp.account import Account
from sandbox.mailchimp.audience import Audience, Member, hashed
from sandbox.mailchimp.outside import Outside

__all__ = ["Account", "Audience", "Member", "Outside", "hashed"]
