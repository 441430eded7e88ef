"""Traps about security: certificates, attacks, who logs in."""

from alarmbridge.core.traps.entry import (
    CRITICAL,
    INDETERMINATE,
    MAJOR,
    MINOR,
    CatalogueEntry,
    trap,
)

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        77,
        "acSSHConnectionStatus",
        INDETERMINATE,
        event_type="environmentalAlarm",
        cause="other",
        clears=False,
        meaning="Somebody logged in over SSH, logged out, or failed to log in.",
        check="See whether user and address are known; after failures, who may reach the port.",
    ),
    trap(
        78,
        "acOCSPServerStatusAlarm",
        MAJOR,
        event_type="communicationsAlarm",
        cause="communicationsSubsystemFailure",
        clears=True,
        meaning="The OCSP server, which says whether a certificate was revoked, does not answer.",
        check="Look whether it can be reached from the device; TLS connections may be refused "
        "meanwhile.",
    ),
    trap(
        92,
        "acCertificateExpiryNotifiaction",
        INDETERMINATE,
        event_type="environmentalAlarm",
        cause="keyExpired",
        clears=False,
        meaning="A certificate of the device is about to expire.",
        check="Renew it and load it into its TLS context.",
    ),
    trap(
        93,
        "acWEBUserAccessDisabled",
        INDETERMINATE,
        clears=False,
        meaning="A user of the web interface was disabled because it was not used for long.",
        check="Have an administrator enable it if it is still needed; a monitoring user counts.",
    ),
    trap(
        99,
        "acIDSPolicyAlarm",
        CRITICAL,
        MAJOR,
        MINOR,
        event_type="other",
        clears=True,
        meaning="Intrusion detection counted more suspicious messages than a rule allows: "
        "malformed, unauthorised or flooding.",
        check="Look at the address in the text: a scanner belongs on the firewall, a customer's "
        "device needs its configuration mended.",
    ),
    trap(
        100,
        "acIDSThresholdCrossNotification",
        event_type="other",
        clears=False,
        meaning="Intrusion detection saw a threshold crossed; the text names address and rule.",
        check="As for acIDSPolicyAlarm: block the address, or mend what sends from there.",
    ),
    trap(
        101,
        "acIDSBlacklistNotification",
        event_type="securityServiceOrMechanismViolation",
        cause="thresholdCrossed",
        clears=False,
        meaning="Intrusion detection put an address on the block list, or took it off.",
        check="Make sure that no peer of yours was blocked.",
    ),
    trap(
        128,
        "acCertificateExpiryAlarm",
        CRITICAL,
        MAJOR,
        MINOR,
        event_type="communicationsAlarm",
        cause="communicationsSubsystemFailure",
        clears=True,
        meaning="A certificate of a TLS context expires soon (minor), in a week or less (major), "
        "or has expired (critical): then TLS peers such as Teams refuse the device.",
        check="Renew the certificate and load it into its TLS context; look at the device's clock "
        "if it should be valid.",
    ),
)
