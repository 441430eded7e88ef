"""Traps about licences: keys, pools, meters."""

from alarmbridge.core.traps.entry import (
    CRITICAL,
    MAJOR,
    MINOR,
    WARNING,
    CatalogueEntry,
    trap,
)

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        6,
        "acFeatureKeyError",
        CRITICAL,
        event_type="processingErrorAlarm",
        cause="configurationOrCustomizationError",
        meaning="The licence key does not fit the device.",
        check="Compare the key's serial number with the device's, and load the right key.",
    ),
    trap(
        107,
        "acLicensePoolApplicationAlarm",
        MAJOR,
        MINOR,
        event_type="communicationsAlarm",
        meaning="Something is to be done for the licences from the vendor's pool to take effect "
        "on the device, or they could not be applied.",
        check="Read the text: a restart may be due, or the pool manager has no licences left.",
    ),
    trap(
        132,
        "acCloudLicenseManagerAlarm",
        CRITICAL,
        MAJOR,
        event_type="processingErrorAlarm",
        cause="configurationOrCustomizationError",
        meaning="The device cannot reach the licence manager (OVOC), or cannot report its use "
        "there; when that lasts, it may lose its licence.",
        check="Look whether OVOC answers over HTTPS, whether the device is registered there, and "
        "at user and password after a 401.",
    ),
    trap(
        146,
        "acMeteringAlarm",
        CRITICAL,
        WARNING,
        event_type="communicationsAlarm",
        cause="communicationsProtocolError",
        clears=True,
        meaning="A metered device cannot report its use to the cloud's metering service; when "
        "that lasts, calls may be refused.",
        check="Look whether the device reaches the metering service, and at its cloud identity.",
    ),
)
