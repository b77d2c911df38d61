"""Credentials and webhook secrets, encrypted by KMS under a context of tenant and store (G-7)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from passerelle.store.tenancy import Tenancy

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_PIECE = 4096
"""KMS's limit of one plaintext; a longer one is encrypted in pieces, each bound to its place."""


class Secrets:
    """Secrets of one tenant's stores: kept as opaque bytes, never printed nor remembered in plain."""

    def __init__(self, tenancy: Tenancy, client: "KMSClient", key_id: str) -> None:
        self._at = tenancy
        self._client = client
        self._key_id = key_id
        self._pk = tenancy.pk("SECRETS")

    def put(self, store: str, credentials: Mapping[str, Any]) -> None:
        """Keep a store's credentials (JSON values), replacing what was there."""
        self._put(store, "credentials", dict(credentials))

    def get(self, store: str) -> dict[str, Any]:
        """A store's credentials. Raises KeyError."""
        found = self._get(store, "credentials")
        if found is None:
            raise KeyError(store)
        return dict(found)

    def put_hook_secrets(self, store: str, secrets: Sequence[str]) -> None:
        """Keep a store's webhook secrets, the newest first."""
        self._put(store, "hooks", list(secrets))

    def hook_secrets(self, store: str) -> list[str]:
        """A store's webhook secrets, the newest first; empty if it has none."""
        return list(self._get(store, "hooks") or [])

    def put_connection_key(self, store: str, key: str) -> None:
        """Keep the key by which others link to the store, replacing what was there."""
        self._put(store, "connection", key)

    def connection_key(self, store: str) -> str:
        """That key; empty where there is none yet."""
        return str(self._get(store, "connection") or "")

    def delete(self, store: str) -> None:
        """Forget all secrets of a store; twice changes nothing."""
        self._at.table.batch_write(
            deletes=[(self._pk, f"{store}#{sort}") for sort in ("credentials", "hooks", "connection")]
        )

    def _put(self, store: str, sort: str, value: object) -> None:
        text = orjson.dumps(value)
        cuts = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        pieces = [
            self._client.encrypt(
                KeyId=self._key_id,
                Plaintext=cut,
                EncryptionContext=self._context(store, sort, number, len(cuts)),
            )["CiphertextBlob"]
            for number, cut in enumerate(cuts)
        ]
        self._at.table.put({"pk": self._pk, "sk": f"{store}#{sort}", "pieces": pieces})

    def _get(self, store: str, sort: str) -> Any:
        item = self._at.table.get(self._pk, f"{store}#{sort}")
        if item is None:
            return None
        pieces = item["pieces"]
        text = b"".join(
            self._client.decrypt(
                KeyId=self._key_id,
                CiphertextBlob=piece,
                EncryptionContext=self._context(store, sort, number, len(pieces)),
            )["Plaintext"]
            for number, piece in enumerate(pieces)
        )
        return orjson.loads(text)

    def _context(self, store: str, sort: str, number: int, of: int) -> dict[str, str]:
        return {"tenant": self._at.tenant, "store": store, "secret": sort, "piece": f"{number + 1}/{of}"}
