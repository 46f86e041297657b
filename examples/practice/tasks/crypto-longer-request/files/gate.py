"""Gate: takes requests that the office stamped. A request is fields like `user=ada&role=guest`; of two of a name the last counts.

A stamp is SHA-256 over the office's key, 16 bytes, and the request.
"""

import hashlib
import hmac

KEY_BYTES = 16


def stamp(key, request):
    return hashlib.sha256(key + request).hexdigest()


def fields(request):
    """Names and values, whatever bytes they hold."""
    pairs = [part.partition(b"=") for part in request.split(b"&")]
    return {name: value for name, _, value in pairs}


def opens(key, request, its_stamp):
    """Whether the gate opens for the role that a stamped request names."""
    if not hmac.compare_digest(stamp(key, request), its_stamp):
        return False
    return fields(request).get(b"role") == b"harbormaster"
