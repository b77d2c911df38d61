"""The errors of platforms that a sync understands; their texts are for a person and hold no personal data."""


class PlatformError(Exception):
    """Something a platform did that a sync understands; the text is for a person and holds no personal data."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


class Throttled(PlatformError):
    """The platform asked us to slow down and our patience in this call is used up. `retry_after` is in seconds."""

    def __init__(self, why: str, retry_after: float = 1.0) -> None:
        super().__init__(why, "Nothing to do: the sync waits and goes on.")
        self.retry_after = retry_after


class Unavailable(PlatformError):
    """No usable answer: 5xx, a timeout, a dropped connection, an answer cut short. The write may have happened."""


class TooLarge(PlatformError):
    """The platform refuses this many objects at once."""


class CredentialsRefused(PlatformError):
    """The credentials are no longer accepted: the store needs to be authorised again."""


class PermissionMissing(PlatformError):
    """The credentials are good but lack a right, which the text names."""


class Rejected(PlatformError):
    """The platform refuses this request for good; sending it again changes nothing."""

    def __init__(self, why: str, remedy: str = "", code: str = "rejected", status: int = 400) -> None:
        super().__init__(why, remedy)
        self.code = code
        self.status = status


class Incomplete(PlatformError):
    """The answer contradicts itself (a count, a missing page): treating it as whole would lose something."""


class SignatureRefused(PlatformError):
    """A webhook whose signature is missing, wrong or too old."""


class TopicUnknown(PlatformError):
    """A webhook that is authentic but of a topic we do not handle."""


class AddressRefused(PlatformError):
    """A URL that resolves to a private, loopback or metadata address, or is not a plain web address."""


class WritesBlocked(PlatformError):
    """A write that was held back before it was sent: the integration is in test mode."""
