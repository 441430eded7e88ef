"""Secrets of a configuration file: by which names and forms they are known.

Names are AudioCodes' or could be; they are written in any case, so words are looked for anywhere.
"""

import re

MASK = "***"
"""What stands for a secret."""

LONGEST_MEASURE = 5
_FILLING = re.compile(r"[\W_]+")
_WORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "secret", "community", "psk", "token",
    "nonce", "credential", "sharedkey", "privatekey", "publickey", "authkey", "privkey",
    "licensekey", "licencekey", "featurekey", "encryptionkey", "apikey", "accesskey", "masterkey",
    "activationcode", "authcode", "pincode",
)  # fmt: skip
# LDAP's primary key is an attribute that is searched by, a hot key one on a telephone.
_LAST_WORD = re.compile(
    r"(?:(?<!hot)(?<!ldapprimary)(?<!ldapsecondary)key(?:string|value|data|material|hex|text)?"
    r"|(?<!by)pass|pw|pin|hash)s?$"
)
# What SIP's digest authentication keeps for a password (RFC 7616); SHA1 is an algorithm.
_DIGEST = re.compile(r"^md5|(?<!s)ha1$")
_MEASURE = re.compile(
    r"(?:size|len|length|bits|num|count|limit|attempts|interval|period|time|timeout|age|expiration"
    r"|type|mode|enabled?|protocol|algorithm|format|complexity|policy|status|level|version|port)$"
)
_KEY_IN_TEXT = re.compile(
    r"key[\"']?\s{0,8}[=:]|(?:users?|accounts?|servers|info|table)\s{1,8}\d{1,9}\s{0,8}=",
    re.IGNORECASE,
)
_PEM = re.compile(r"-----BEGIN|---- BEGIN", re.IGNORECASE)
_PEM_END = re.compile(r"-----END[^-\r\n]{0,80}-----|---- END[^-\r\n]{0,80}----", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)\s{1,8}[\w+/=.~\-]{8,}", re.IGNORECASE)
_OBSCURED = re.compile(r"\$\w{1,4}\$[^\"',;]*(?<!\s)")
_USER_OF_URL = re.compile(r"://[^\s/\"]*@")
_QUOTED = re.compile(r"""(\s*)(["'])([^"']*)\2(\s*(?:;[^"']*)?)""")


def sounds_secret(name: str) -> bool:
    """Tell whether what has such a name, or stands in such a text, is a secret."""
    plain = re.sub(_FILLING, "", name.casefold())
    if any(word in plain for word in _WORDS) or re.search(_DIGEST, plain):
        return True
    return bool(re.search(_LAST_WORD, plain.rstrip("0123456789")[-40:]))


def is_measure(name: str, value: str) -> bool:
    """Tell whether a name that sounds secret is that of a small number: a key's size, an age."""
    number = value.strip(" \t\"';")
    if len(number) > LONGEST_MEASURE or not number.removeprefix("-").isdecimal():
        return False
    plain = re.sub(_FILLING, "", name.casefold()).rstrip("0123456789")
    return bool(re.search(_MEASURE, plain[-40:]))


def hide(value: str) -> str:
    """Put the mask for a value; its quotes, the blanks around it and a comment behind it stay."""
    quoted = re.fullmatch(_QUOTED, value)
    if quoted and _is_innocent(quoted[4]) and (quoted[3] or not quoted[4].strip()):
        lead, mark, inner, end = quoted.groups()
        return f"{lead}{mark}{MASK if inner else ''}{mark}{end}"
    return hide_all(value)


def hide_all(value: str) -> str:
    """Put the mask for all but the blanks around it."""
    bare = value.strip()
    if not bare:
        return value
    lead, _, end = value.partition(bare)
    return lead + MASK + end


def hide_parts(text: str) -> str:
    """Mask what is a secret wherever it stands: what devices obscured, logins, users in URLs."""
    shown = text
    if "bearer" in text.casefold() or "basic" in text.casefold():
        shown = re.sub(_BEARER, rf"\1 {MASK}", shown)
    if "$" in shown:
        shown = re.sub(_OBSCURED, MASK, shown)
    if "://" in shown:
        shown = re.sub(_USER_OF_URL, f"://{MASK}@", shown)
    return shown


def _is_innocent(comment: str) -> bool:
    return not sounds_secret(comment) and hide_parts(comment) == comment


def hide_within(value: str) -> str:
    """Mask a value's secret parts; all of it if it seems to assign a secret (`?password=…`)."""
    shown = hide_parts(value)
    if "=" not in shown and ":" not in shown:
        return shown
    risky = sounds_secret(shown) or re.search(_KEY_IN_TEXT, shown)
    return hide(value) if risky else shown


def hide_pem(text: str) -> str:
    """Put the mask for each PEM block, or for all that follows where one does not end."""
    shown: list[str] = []
    at = 0
    while begin := _PEM.search(text, at):
        shown += (text[at : begin.start()], MASK)
        end = _PEM_END.search(text, begin.end())
        if end is None:
            return "".join(shown)
        at = end.end()
    return "".join((*shown, text[at:]))
