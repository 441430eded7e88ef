"""Traps about calls: proxies, accounts, resources, quality, media."""

from alarmbridge.core.traps.entry import CRITICAL, MAJOR, MINOR, CatalogueEntry, trap

_QUALITY = (
    "Look which route or IP Group the failed calls took, and at their SIP responses in the CDRs."
)

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        8,
        "acBoardCallResourcesAlarm",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="softwareError",
        clears=True,
        meaning="The gateway's channels are nearly all busy; further calls will be refused.",
        check="Look whether traffic grew, channels hang, or trunks are out of service.",
    ),
    trap(
        9,
        "acBoardControllerFailureAlarm",
        MAJOR,
        MINOR,
        event_type="processingErrorAlarm",
        cause="softwareError",
        clears=True,
        meaning="The SIP proxy or gatekeeper was not found, or registering there failed; internal "
        "routing may be in use.",
        check="Look whether the proxy answers, and at DNS, port, transport and credentials.",
    ),
    trap(
        14,
        "acAudioProvisioningAlarm",
        CRITICAL,
        event_type="processingErrorAlarm",
        cause="configurationOrCustomizationError",
        clears=True,
        meaning="The media server cannot fetch its announcements from the provisioning server.",
        check="Look whether that server runs and can be reached.",
    ),
    trap(
        44,
        "acH248LostConnectionWithCA",
        meaning="The gateway has lost its H.248 call agent.",
        check="Look whether the call agent runs and can be reached.",
    ),
    trap(
        45,
        "acDialPlanFileReplaced",
        event_type="other",
        cause="other",
        clears=False,
        meaning="A new dial plan file is in use.",
        check="Nothing, if the change was planned.",
    ),
    trap(
        59,
        "acGWSASEmergencyModeAlarm",
        event_type="other",
        cause="other",
        clears=True,
        meaning="Stand-Alone Survivability went to emergency mode: the proxy cannot be reached, "
        "and the device serves the site's phones by itself.",
        check="Look at the WAN and at the proxy; what only the proxy can do is missing meanwhile.",
    ),
    trap(
        72,
        "acThreeWayConferenceOutOfResources",
        meaning="There is no conference resource left for another three-way call.",
        check="Look whether conferences hang, or whether more resources need to be set aside.",
    ),
    trap(
        81,
        "acMediaProcessOverloadAlarm",
        MAJOR,
        event_type="environmentalAlarm",
        cause="underlyingResourceUnavailable",
        meaning="The device has more media to process than it can: audio may break up.",
        check="Look for a flood of packets at one port, for much SRTP or transcoding, and at the "
        "number of calls.",
    ),
    trap(
        87,
        "acMediaRealmBWThresholdAlarm",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="resourceAtOrNearingCapacity",
        clears=True,
        meaning="The calls of a media realm take more bandwidth than the threshold set for it.",
        check="Look at the realm's number of calls and coders, and whether the limit still fits.",
    ),
    trap(
        94,
        "acProxyConnectionLost",
        MAJOR,
        event_type="communicationsAlarm",
        cause="communicationsSubsystemFailure",
        clears=True,
        meaning="Servers of a proxy set do not answer the keep-alive; the text says which. When "
        "none is left, calls to its IP Groups fail or take another route.",
        check="Look whether the far end answers SIP OPTIONS, at DNS, the firewall between, and "
        "with TLS at the certificates of both sides.",
    ),
    trap(
        111,
        "acASRThresholdAlarm",
        MAJOR,
        MINOR,
        event_type="qualityOfServiceAlarm",
        cause="thresholdCrossed",
        clears=True,
        meaning="Too few call attempts are answered (answer-seizure ratio); the source says "
        "whether on the whole device, in an IP Group or in an SRD.",
        check=_QUALITY,
    ),
    trap(
        112,
        "acACDThresholdAlarm",
        MAJOR,
        MINOR,
        event_type="qualityOfServiceAlarm",
        cause="thresholdCrossed",
        clears=True,
        meaning="Calls are shorter on average than the threshold (average call duration): people "
        "may be hanging up on bad audio.",
        check="Look for one-way audio, loss and jitter in the CDRs, and for robocalls.",
    ),
    trap(
        164,
        "acAccountRegistrationAlarm",
        MAJOR,
        event_type="qualityOfServiceAlarm",
        cause="communicationsProtocolError",
        clears=True,
        meaning="An account cannot register at the provider, so calls on it may fail both ways.",
        check="Look at the SIP response in the text, the account's user and password, and whether "
        "the registrar answers.",
    ),
)
