"""What a device can be told beside a file, in the guide's words."""

from dataclasses import dataclass
from enum import StrEnum


class AdditionalFile(StrEnum):
    """The files that a device takes besides its configuration and software (guide 6.5)."""

    AMD = "amd"
    CAS_TABLE = "castable"
    CODER_TABLE = "codertable"
    CALL_PROGRESS_TONES = "cpt"
    DIAL_PLAN = "dialplan"
    PRERECORDED_TONES = "prt"
    VOICE_PROMPTS = "voiceprompts"
    CONFIGURATION_PACKAGE = "configurationPackage"
    SBC_WIZARD = "sbcWizard"


class PrivilegeLevel(StrEnum):
    """What the holder of an authentication token may do (guide 5.3)."""

    ADMIN = "admin"
    OPERATOR = "operator"
    MONITOR = "monitor"


class SignatureAlgorithm(StrEnum):
    """How a certificate signing request is signed (guide 7.5)."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate is for (guide 7.4); what is empty is left out."""

    common_name: str = ""
    organizational_unit: str = ""
    company: str = ""
    locality: str = ""
    state: str = ""
    country_code: str = ""

    def attributes(self) -> dict[str, str]:
        """Write it as a device is told."""
        named = {
            "subjectName": self.common_name,
            "organizationalUnit": self.organizational_unit,
            "companyName": self.company,
            "localityName": self.locality,
            "state": self.state,
            "countryCode": self.country_code,
        }
        return {name: value for name, value in named.items() if value}
