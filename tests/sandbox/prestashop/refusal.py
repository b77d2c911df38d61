"""How the webservice says no: an HTTP status with numbered errors."""


class RefusalError(Exception):
    """An answer with errors; each is (code, message)."""

    def __init__(self, status: int, *errors: tuple[int, str]) -> None:
        super().__init__(str(errors))
        self.status = status
        self.errors = errors


class EmptyAnswerError(Exception):
    """An answer without body and content type, as a read of an unknown id gets."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class CrashError(Exception):
    """PHP died: 500 with an empty HTML page and none of the webservice's headers."""


def closest(word: str, words: list[str]) -> str:
    """The last of the words with the fewest edits from `word`, as the webservice guesses."""
    best, found = -1, ""
    for candidate in words:
        distance = _levenshtein(word, candidate)
        if distance <= best or best < 0:
            best, found = distance, candidate
    return found


def _levenshtein(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def guess(word: str, words: list[str]) -> str:
    """The sentence in which it does so."""
    listed = ", ".join(f'"{name}"' for name in words)
    return f'Did you mean: "{closest(word, words)}"? The full list is: {listed}'
