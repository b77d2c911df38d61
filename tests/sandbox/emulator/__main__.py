"""Starts the local AWS emulator with the repairs that let the real template run on it unchanged.

Run by the emulator's own interpreter, `.local/emulator/bin/python tests/sandbox/emulator`, with its settings
in the environment (see `sandbox.stack`). The repairs name inner parts of one release; any other is refused.
"""

import os
from importlib.metadata import version

RELEASE = "1.5.33"

if __name__ == "__main__":
    found = version("ministack")
    if found != RELEASE:
        raise SystemExit(
            f"The repairs are for ministack {RELEASE}, and {found} is installed: run make setup."
        )

    import clocks
    import error_names
    import memory
    import rest_api

    for repair in (clocks, error_names, memory, rest_api):
        repair.apply()
    if os.environ.get("AUTH", "").lower() == "true":
        import asked_rights
        import leading_keys
        import rights

        for repair in (asked_rights, leading_keys, rights):
            repair.apply()

    from ministack.app import main

    main()
