"""The one HTTP client: timeouts, retries, pace, SSRF guard, redaction, test-mode block."""

from passerelle.http.address import check_address
from passerelle.http.call import Signer
from passerelle.http.client import Client
from passerelle.http.download import Download
from passerelle.http.pace import Pace, Unpaced

__all__ = ["Client", "Download", "Pace", "Signer", "Unpaced", "check_address"]
