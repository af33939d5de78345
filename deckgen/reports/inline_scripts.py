"""What stands in a page as a script: its digest for the content security policy, and data that ends no script."""

from __future__ import annotations

import base64
import hashlib
import json


def script_digest(text: str) -> str:
    """By which a content security policy lets a script or a style of the page pass."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def script_data(value: object) -> str:
    """JSON that no `</script>` or `<!--` in a note can end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
