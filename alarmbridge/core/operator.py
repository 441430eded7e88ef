"""What operators do about an alarm; whether it is cleared is another matter (RFC 8632, 4.2)."""

from enum import StrEnum


class OperatorState(StrEnum):
    """How operators left an alarm; the words are RFC 8632's."""

    NONE = "none"
    ACK = "ack"
    CLOSED = "closed"


class OperatorAction(StrEnum):
    """What an operator does. UNACK takes back what ACK and CLOSE said."""

    ACK = "ack"
    UNACK = "unack"
    COMMENT = "comment"
    CLOSE = "close"
