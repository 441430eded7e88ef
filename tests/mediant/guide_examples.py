"""Every example of the guide (LTRT-41762), as printed, beside the call that it shows.

Its misprints stand here as they do there: `True`, remarks, commas too many, a brace too many (8.1)
and one too few (11), ellipses, lines broken within a text, a path that no section's text has.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.errors import Conflict, Refused
from alarmbridge.core.reading import Reading, Row
from alarmbridge.core.severity import Severity
from alarmbridge.mediant.answers import understand
from alarmbridge.mediant.client import AlarmsClient, Table
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.measurements import Measured, Measurement
from alarmbridge.mediant.orders import AdditionalFile, PrivilegeLevel, Subject
from alarmbridge.mediant.parse import NO_PAGE, Page, Resource, Version, parse_resources
from alarmbridge.mediant.resources import (
    AuthToken,
    License,
    PrivateKeyState,
    ScriptOutput,
    TlsContext,
)
from alarmbridge.mediant.transport import FullTransport, Upload

AS_PRINTED = object()
"""What comes out is the printed body itself, bytes or text."""


@dataclass(frozen=True)
class Said:
    """A refusal in the device's own words."""

    kind: type[Refused]
    words: str


class Client:
    """All that can be asked of a device, and the file that an example sends to it."""

    def __init__(self, line: FullTransport, upload: Upload) -> None:
        self.line = line
        self.device = AlarmsClient("sbc-1", line)
        self.inspector = Inspector("sbc-1", line)
        self.maintenance = Maintenance("sbc-1", line)
        self.upload = upload


@dataclass(frozen=True)
class Example:
    """printed: the exchange. outcomes: what comes out, one for each printed answer.

    path, query, besides: where we ask otherwise than is printed: another path, a query, one more
    attribute of a body. first: what is asked before, and answered by 404.
    """

    section: str
    call: Callable[[Client], Awaitable[object]]
    printed: str
    outcomes: tuple[object, ...]
    path: str | None = None
    query: str | None = None
    besides: dict[str, Any] = field(default_factory=dict)
    first: str | None = None


async def status_words(client: Client) -> object:
    found = await client.device.fetch_status()
    raw = found.local_time.raw if found.local_time else None
    return (
        raw,
        found.uptime,
        found.serial_number,
        found.product,
        found.version,
        found.high_availability,
    )


async def last_change(client: Client) -> object:
    found = await client.device.fetch_last_change()
    return found.raw if found else None


async def alarm_tables(client: Client) -> object:
    path = "/api/v1/alarms"
    answer = await client.line.get(path)
    return understand(
        answer, device="sbc-1", path=path, parse=lambda body: parse_resources(body, "alarms")
    )


STATUS_WORDS = (
    "2010-01-17T17:29:15.000Z",
    161446,
    "101780235059663",
    "Mediant SW",
    "7.20A.200.014",
    "Not Operational",
)
FIRST_PAGE = Page(
    (Row("1", "Trunk is down"), Row("2", "Device will explode in 15 min")), "2", has_cursor=True
)
READING = Reading(
    id="1",
    description="Trunk is down",
    severity=Severity.MAJOR,
    source="Board#1",
    date=parse_device_time("2010-03-01T23:00:00.000Z"),
)
KEY_DESCRIPTION = (
    "Key features: Board Type: Mediant 800 Security: IPSEC MediaEncryption StrongEncryption "
    "EncryptControlProtocol Coders: G723 G729 G728 NETCODER GSM-FR GSM-EFR AMR EVRC-QCELP "
    "G727 ILBC EVRC-B "
)
OUTPUT = (
    ". Version info:. -----. ;Board: Mediant SW. . ;Board Type: 73. . ;Serial Number: "
    "137172915378947. . ;Slot Number: 1. . ;Software Version: 7.20A.201.357. . ;ISO Version: "
    "Mediant Software E-SBC (ver 7.20A.156.028). . ;DSP Software Version: SOFTDSP => 0.00. . "
    ";Board IP Address: 10.4.219.242. . ;Board Subnet Mask: 255.255.0.0. . ;Board Default "
    "Gateway: 10.4.0.1. . ;Ram size: 3829M Flash size: 0M. . ;Num of DSP Cores: 1 Num DSP "
    "Channels: 1022. . ;Profile: NONE . . ;;;Key features;Board Type: Mediant SW ;Max SW Ver: "
    "9.80;FXSPorts=0 ;FXOPorts=0 ;QOE features: VoiceQualityMonitoring MediaEnhancement ;DATA "
    "features: ;Channel Type: DspCh=0 ;HA ;IP Media: ExtVoicePrompt=0MB ;Security: "
    "MediaEncryption StrongEncryption EncryptControlProtocol ;DSP Voice features: ;Control "
    "Protocols: MSFT FEU=3 SIPRec=3 WebRTC MGCP SIP SBC=3 ;Default features;Coders: G711 "
    "G726;. . . . ;MAC Addresses in use:. ;- ----- . ;GROUP_1 - fa:16:3e:5f:9a:64. ;--- "
    "----- . . . ."
)

EXAMPLES = [
    Example(
        "2",
        status_words,
        """\
GET /api/v1/status HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/json
{
  "localTimeStamp": "2010-01-17T17:29:15.000Z",
  "ipAddress": "10.4.219.229",
  "subnetMask": "255.255.0.0",
  "defaultGateway": "10.4.0.1",
  "productType": "Mediant SW",
  "versionID": "7.20A.200.014",
  "protocolType": "SIP",
  "operationalState": "UNLOCKED",
  "highAvailability": "Not Operational",
  "serialNumber": "101780235059663",
  "macAddress": "fa163e6e7e1d",
  "systemUpTime": 161446
}
""",
        (STATUS_WORDS,),
    ),
    Example(
        "3",
        lambda c: c.device.fetch_versions(),
        """\
GET /api HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "versions": [
    {
      "id": "v1",
      "status": "stable",
      "url": "/api/v1"
    }
  ]
}
""",
        ((Version("v1", "stable"),),),
    ),
    Example(
        "4",
        lambda c: c.device.fetch_tree(),
        """\
GET /api/v1 HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "items": [
    {
      "id": "actions",
    "description": "Device actions",
    "url": "/api/v1/actions"
  },
  {
    "id": "alarms",
    "description": "Device alarms",
    "url": "/api/v1/actions"
  },
  {
    "id": "files",
    "description": "Upload and download of
configuration files",
    "url": "/api/v1/files"
  },
  {
    "id": "license",
    "description": "License management",
    "url": "/api/v1/license"
  },
  {
    "id": "performanceMonitoring",
    "description": "Performance monitoring",
    "url": "/api/v1/performanceMonitoring"
  },
  {
    "id": "status",
    "description": "Device status",
    "url": "/api/v1/status"
  },
]
}
""",
        (
            (
                Resource("actions", "Device actions"),
                Resource("alarms", "Device alarms"),
                Resource("files", "Upload and download of configuration files"),
                Resource("license", "License management"),
                Resource("performanceMonitoring", "Performance monitoring"),
                Resource("status", "Device status"),
            ),
        ),
    ),
    Example(
        "5",
        lambda c: c.inspector.list_actions(),
        """\
GET /api/v1/actions HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/json
{
  "actions": [
    {
      "id": "reset",
      "description": "Reset device",
      "url": "/api/v1/actions/reset"
    },
    {
      "id": "saveConfiguration",
      "description": "Save device configuration to
NVRAM",
      "url": "/api/v1/actions/saveConfiguration"
    },
    {
      "id": "authToken",
      "description": "Get authentication token",
      "url": "/api/v1/actions/authToken"
    }
  ]
}
""",
        (
            (
                Resource("reset", "Reset device"),
                Resource("saveConfiguration", "Save device configuration to NVRAM"),
                Resource("authToken", "Get authentication token"),
            ),
        ),
    ),
    Example(
        "5.1",
        lambda c: c.maintenance.reset(save_configuration=True, graceful_timeout=0),
        """\
POST /api/v1/actions/reset HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "saveConfiguration": true,
  "gracefulTimeout": 0
}

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "Device is currently performing HA
synchronization"
}
""",
        (
            "Device will reset now",
            Said(Conflict, "Device is currently performing HA synchronization"),
        ),
    ),
    Example(
        "5.2",
        lambda c: c.maintenance.save_configuration(),
        """\
POST /api/v1/actions/saveConfiguration HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
""",
        ("",),
    ),
    Example(
        "5.3",
        lambda c: c.maintenance.create_auth_token(
            "john", PrivilegeLevel.ADMIN, session_timeout=180, cross_host="10.3.2.40"
        ),
        """\
POST /api/v1/actions/authToken HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "username": "john",
  "privLevel": "admin",
  "sessionTimeout": 180,
  "crossHost": "10.3.2.40"
}
HTTP/1.1 200 OK
Content-Type: application/json
{
  "authToken": "4675cd93ab9f80f45a4ec0a934f81097",
  "description": "Authentication token successfully
generated"
}
""",
        (
            AuthToken(
                "4675cd93ab9f80f45a4ec0a934f81097", "Authentication token successfully generated"
            ),
        ),
    ),
    Example(
        "6",
        lambda c: c.inspector.list_files(),
        """\
GET /api/v1/files HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/octet-stream
{
  "files": [
    {
      "id": "ini",
      "description": "INI configuration file",
      "url": "/api/v1/files/ini"
    },
    {
      "id": "software",
      "description": "Software load",
      "url": "/api/v1/files/software"
    },
    {
      "id": "cliScript",
      "description": "CLI configuration script",
      "url": "/api/v1/files/cliScript"
    },
    ...
  ]
}
""",
        (
            (
                Resource("ini", "INI configuration file"),
                Resource("software", "Software load"),
                Resource("cliScript", "CLI configuration script"),
            ),
        ),
    ),
    Example(
        "6.1.1",
        lambda c: c.maintenance.run_cli_script(c.upload),
        """\
PUT /api/v1/files/cliScript/incremental HTTP/1.1
Host: 10.4.219.229
Authorization: Basic QWRtaW46QWRtaW4=
Content-Length: 210
Content-Type: multipart/form-data; boundary=-----WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="cli.txt"
Content-Type: application/octet-stream

show system version
-----WebKitFormBoundary7MA4YWxkTrZu0gW--
""",
        (ScriptOutput("", ""),),
    ),
    Example(
        "6.1.2",
        lambda c: c.inspector.fetch_ini(),
        """\
GET /api/v1/files/ini HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/octet-stream

;*****
;** Ini File **
;*****

;Board: Mediant SW
;Board Type: 73
;Serial Number: 101780235059663
;Slot Number: 1
;Software Version: 7.20A.200.014
;DSP Software Version: SOFTDSP => 0.00
;Board IP Address: 10.4.219.229
;Board Subnet Mask: 255.255.0.0
...
""",
        (AS_PRINTED,),
    ),
    Example(
        "6.2.1 (1)",
        lambda c: c.inspector.fetch_ini(),
        """\
GET /api/v1/files/ini HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/octet-stream
SyslogServerIP = 10.0.0.1
""",
        # Where the guide prints `<INI file>`, which is none.
        (b"SyslogServerIP = 10.0.0.1",),
    ),
    Example(
        "6.2.1 (2)",
        lambda c: c.maintenance.put_ini(c.upload),
        """\
PUT /api/v1/files/ini HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="ini.txt"
Content-Type: application/octet-stream

<INI File>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now to activate new
configuration"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "Device is currently performing HA
synchronization"
}
""",
        (
            "Device will reset now to activate new configuration",
            Said(Conflict, "Device is currently performing HA synchronization"),
        ),
    ),
    Example(
        "6.2.2",
        lambda c: c.maintenance.put_ini(c.upload, incremental=True),
        """\
PUT /api/v1/files/ini/incremental HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=-----WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="ini.txt"
Content-Type: application/octet-stream

<INI File>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
""",
        ("",),
    ),
    Example(
        "6.3.1 (1)",
        lambda c: c.inspector.fetch_cli_script(),
        """\
GET /api/v1/files/cliScript HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/octet-stream
<CLI script>
""",
        (b"<CLI script>",),
    ),
    Example(
        "6.3.1 (2)",
        lambda c: c.maintenance.put_cli_script(c.upload),
        """\
PUT /api/v1/files/ini/incremental HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="cli.txt"
Content-Type: application/octet-stream

<INI File>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now to activate new
configuration"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "Device is currently performing HA
synchronization"
}
""",
        (
            "Device will reset now to activate new configuration",
            Said(Conflict, "Device is currently performing HA synchronization"),
        ),
        path="/api/v1/files/cliScript",  # as the section's URL has it
    ),
    Example(
        "6.3.2",
        lambda c: c.maintenance.run_cli_script(c.upload),
        """\
PUT /api/v1/files/cliScript/incremental HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="cli.txt"
Content-Type: application/octet-stream

show system version
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Incremental CLI Script file was loaded.",
  "output": ". Version info:. -----. ;Board:
Mediant SW. . ;Board Type: 73. . ;Serial Number:
137172915378947. . ;Slot Number: 1. . ;Software Version:
7.20A.201.357. . ;ISO Version: Mediant Software E-SBC (ver
7.20A.156.028). . ;DSP Software Version: SOFTDSP => 0.00. .
;Board IP Address: 10.4.219.242. . ;Board Subnet Mask:
255.255.0.0. . ;Board Default Gateway: 10.4.0.1. . ;Ram size:
3829M Flash size: 0M. . ;Num of DSP Cores: 1 Num DSP
Channels: 1022. . ;Profile: NONE . . ;;;Key features;Board
Type: Mediant SW ;Max SW Ver: 9.80;FXSPorts=0 ;FXOPorts=0 ;QOE
features: VoiceQualityMonitoring MediaEnhancement ;DATA
features: ;Channel Type: DspCh=0 ;HA ;IP Media:
ExtVoicePrompt=0MB ;Security: MediaEncryption StrongEncryption
EncryptControlProtocol ;DSP Voice features: ;Control
Protocols: MSFT FEU=3 SIPRec=3 WebRTC MGCP SIP SBC=3 ;Default
features;Coders: G711 G726;. . . . ;MAC Addresses in use:. ;-
----- . ;GROUP_1 - fa:16:3e:5f:9a:64. ;---
----- . . . ."
}
""",
        (ScriptOutput("Incremental CLI Script file was loaded.", OUTPUT),),
    ),
    Example(
        "6.4",
        lambda c: c.maintenance.load_software(c.upload),
        """\
PUT /api/v1/files/software HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="software.cmp"
Content-Type: application/octet-stream

<cmp file>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now to activate new
software load"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "Device is currently performing HA
synchronization"
}
""",
        (
            "Device will reset now to activate new software load",
            Said(Conflict, "Device is currently performing HA synchronization"),
        ),
    ),
    Example(
        "6.4.1",
        lambda c: c.maintenance.load_software(c.upload, hitless=True),
        """\
PUT /api/v1/files/software/hitless HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=-----WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="software.cmp"
Content-Type: application/octet-stream

<cmp file>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will perform switchover to activate
new software load"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "Device is currently performing HA
synchronization"
}
""",
        (
            "Device will perform switchover to activate new software load",
            Said(Conflict, "Device is currently performing HA synchronization"),
        ),
    ),
    Example(
        "6.5",
        lambda c: c.maintenance.put_file(AdditionalFile.CALL_PROGRESS_TONES, c.upload),
        """\
PUT /api/v1/files/cpt HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="tones.cpt"
Content-Type: application/octet-stream

<call progress tones file>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--
""",
        ("",),
    ),
    Example(
        "7",
        lambda c: c.inspector.list_tls_contexts(),
        """\
GET /api/v1/files/tls HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "tls": [
    {
      "id": "0",
      "name": "default",
      "url": "/api/v1/files/tls/0"
    }
  ]
}
""",
        ((TlsContext("0", "default"),),),
    ),
    Example(
        "7.1",
        lambda c: c.inspector.list_tls_files("2"),
        """\
GET /api/v1/files/tls/2 HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "items": [
    {
      "id": "privateKey",
      "description": "Private key",
      "url": "/api/v1/files/tls/2/privateKey"
    },
    {
      "id": "certificate",
      "description": "TLS certificate",
      "url": "/api/v1/files/tls/2/certificate"
    },
    {
      "id": "trustedRoot",
      "description": "Trusted root",
      "url": "/api/v1/files/tls/2/trustedRoot"
    }
  ]
}
""",
        (
            (
                Resource("privateKey", "Private key"),
                Resource("certificate", "TLS certificate"),
                Resource("trustedRoot", "Trusted root"),
            ),
        ),
    ),
    Example(
        "7.2 (1)",
        lambda c: c.inspector.fetch_private_key_state("2"),
        """\
GET /api/v1/files/tls/2/privateKey HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/json
{
  "size": 1024,
  "valid": True // as per "Private Key" status in Web
}
""",
        (PrivateKeyState(1024, valid=True),),
    ),
    Example(
        "7.2 (2)",
        lambda c: c.maintenance.put_private_key("2", c.upload),
        """\
PUT /api/v1/files/tls/2/privateKey HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="key.pem"
Content-Type: application/octet-stream

-----BEGIN RSA PRIVATE KEY-----
zg1X8vSyH/ED929hjGNF1hAxmIVIgdQdGG3kkWnlmI+4X4kLA3TMHPikYjwaGPhH
2cdpdkm8KXg8H/hzVIaf/qB6QyiL84d/zRtAG8F1fHVABxkOlSp/kLzHSVT4iD/J
...
Yx1A9aGrlI+wsk/h80YFOly6LwYSfgUaFPdJ1lsOjz5bpVTpwT5P0DwT4cPfHRnQ
33Hn3pxbYq22t5Q6r2RE8DEMUAN8gVQ6Ec2JYp901NrQhM4GCHm+mw==
-----END RSA PRIVATE KEY-----
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Private key was successfully changed"
}
""",
        ("Private key was successfully changed",),
    ),
    Example(
        "7.2.1",
        lambda c: c.maintenance.generate_private_key("2", size=2048),
        """\
POST /api/v1/files/tls/2/privateKey/generate HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "size": 2048
}

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Private key was successfully generated"
}
""",
        ("Private key was successfully generated",),
    ),
    Example(
        "7.3 (1)",
        lambda c: c.inspector.fetch_certificate("2"),
        """\
GET /api/v1/files/tls/2/certificate HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/octet-stream
-----BEGIN CERTIFICATE-----
MIIDMjCCAhqgAwIBAgIBBDANBgkqhkiG9w0BAQUFADAfMQwwCgYDVQQKEwNBQ0wx
DzANBgNVBAMTB1Jvb3RDQTAeFw0wMDAxMDEwMDAwMDBaFw0zMDAxMDEwMDAwMDBa
...
EcqvMKSuAmR8Csl5STrVo+7m4IgEYCTrRZlhVL/wB8PSD5lsg4lGyhos97Q7kH0w
T9cKHStw
-----END CERTIFICATE-----
""",
        (AS_PRINTED,),
    ),
    Example(
        "7.3 (2)",
        lambda c: c.maintenance.put_certificate("2", c.upload),
        """\
PUT /api/v1/files/tls/2/certificate HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="cert.pem"
Content-Type: application/octet-stream

-----BEGIN CERTIFICATE-----
MIIDMjCCAhqgAwIBAgIBBDANBgkqhkiG9w0BAQUFADAfMQwwCgYDVQQKEwNBQ0wx
DzANBgNVBAMTB1Jvb3RDQTAeFw0wMDAxMDEwMDAwMDBaFw0zMDAxMDEwMDAwMDBa
...
EcqvMKSuAmR8Csl5STrVo+7m4IgEYCTrRZlhVL/wB8PSD5lsg4lGyhos97Q7kH0w
T9cKHStw
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Certificate was successfully changed"
}
""",
        ("Certificate was successfully changed",),
    ),
    Example(
        "7.4",
        lambda c: c.maintenance.generate_certificate(
            "2", Subject(common_name="lync-gw.company.com")
        ),
        """\
POST /api/v1/files/tls/2/certificate/generate HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "subjectName": "lync-gw.company.com"
}

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Self-signed certificate was successfully
generated"
}
""",
        ("Self-signed certificate was successfully generated",),
    ),
    Example(
        "7.5",
        lambda c: c.maintenance.request_certificate(
            "2", Subject(common_name="lync-gw.company.com")
        ),
        """\
POST /api/v1/files/tls/2/certificate/request HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "subjectName": "lync-gw.company.com"
}

HTTP/1.1 200 OK
Content-Type: application/octet-stream
-----BEGIN CERTIFICATE REQUEST-----
MIIBZDCBzgIBADAlMRUwEwYDVQQDDAxGQTE2M0VGM0IxREUxDDAKBgNVBAoMA0FD
TDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwYkCgYEA5sVNvmrwFAPkJUE2zA8TSR78
...
+pa+sF+F+N9HPQ0hqsvBtNJTL5dOEICBYcqYTx5+zqi38WAwHm14VGqduBofZWB2
pEqNck3yG/k8Hmm2pbTUFEE5XpVc6Lcu
-----END CERTIFICATE REQUEST-----
""",
        (AS_PRINTED,),
        besides={"signatureAlgorithm": "sha256"},
    ),
    Example(
        "7.6 (1)",
        lambda c: c.inspector.fetch_trusted_roots("2"),
        """\
GET /api/v1/files/tls/2/trustedRoot HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/octet-stream
-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBBjANBgkqhkiG9w0BAQUFADAgMQwwCgYDVQQKEwNBQ0wx
EDAObgNVBAMUB0NBXzI0MzkwHhcNMDAwMTAxMDAwMDAwWhcNMzAwMTAxMDAwMDAw
...
kedoijcGdGJ9xA0bZa/1FqQQWPnKn735B5d5yjGPStHrh4QgtMaK6x3RmMnuPjoo
nK4zC2nJLBYcTpJU1AQvEFsoiLaBmyJl0wNF8HY3IgcT8g==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBBTANBgkqhkiG9w0BAQUFADAgMQwwCgYDVQQKEwNBQ0wx
EDAObgNVBAMUB0NBXzI0MzkwHhcNMDAwMTAxMDAwMDAwWhcNMzAwMTAxMDAwMDAw
...
3PTmpOih9jPFd69pjzg0zDef8E3JsmYfQUHiokwnkcpC6od8WRu4JMne9jQ4cARi
apkJGofjnELCq4ym/JjskqMSBhNpBUz93/xxZlf25K1XIQ==
-----END CERTIFICATE-----
""",
        (AS_PRINTED,),
    ),
    Example(
        "7.6 (2)",
        lambda c: c.maintenance.put_trusted_roots("2", c.upload),
        """\
PUT /api/v1/files/tls/2/trustedRoot HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="trust.pem"
Content-Type: application/octet-stream

-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBBjANBgkqhkiG9w0BAQUFADAgMQwwCgYDVQQKEwNBQ0wx
EDA0BgNVBAMUB0NBXzI0MzkwHhcNMDAwMTAxMDAwMDAwWhcNMzAwMTAxMDAwMDAw
...
kedoijcGdGJ9xA0bZa/lFqQQWPnKn735B5d5yjGPStHrh4QgtMaK6x3RmMnuPjoo
nK4zC2nJLBYcTpJU1AQvEFsoiLaBmyJl0wNF8HY3IgcT8g==
-----END CERTIFICATE-----

-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBBTANBgkqhkiG9w0BAQUFADAgMQwwCgYDVQQKEwNBQ0wx
EDA0BgNVBAMUB0NBXzI0MzkwHhcNMDAwMTAxMDAwMDAwWhcNMzAwMTAxMDAwMDAw
...
3PTmpOih9jPFd69pjzg0zDef8E3JsmYfQUHiokwnkcpC6od8WRu4JMne9jQ4cARi
apkJGofjnELCq4ym/JjskqMSBhNpBUz93/xxZlf25K1XIQ==
-----END CERTIFICATE-----
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Trusted root store was successfully
changed"
}
""",
        ("Trusted root store was successfully changed",),
    ),
    Example(
        "7.7",
        lambda c: c.maintenance.add_trusted_root("2", c.upload),
        """\
PUT /api/v1/files/tls/2/trustedRoot/incremental HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file";
filename="trust.pem"
Content-Type: application/octet-stream

-----BEGIN CERTIFICATE-----
MIIC7jCCAdagAwIBAgIBBjANBgkqhkiG9w0BAQUFADAgMQwwCgYDVQQKEwNBQ0wx
EDAObgNVBAMUB0NBXzI0MzkwHhcNMDAwMTAxMDAwWhcNMzAwMTAxMDAwMDAw
...
kedoijcGdGJ9xA0bZa/lFqQQWPnKn735B5d5yjGPStHrh4QgtMaK6x3RmMnuPjoo
nK4zC2nJLBYcTpJULAQvEFsoiLaBmyJl0wNF8HY3IgcT8g==
-----END CERTIFICATE-----
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Trusted root certificate was successfully
added"
}
""",
        ("Trusted root certificate was successfully added",),
    ),
    Example(
        "8",
        alarm_tables,
        """\
GET /api/v1/alarms HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "alarms": [
    {
      "id": "active",
      "description": "Active alarms",
      "url": "/api/v1/alarms/active"
    },
    {
      "id": "history",
      "description": "History alarms",
      "url": "/api/v1/alarms/history"
    }
  ]
}
""",
        ((Resource("active", "Active alarms"), Resource("history", "History alarms")),),
    ),
    Example(
        "8.1 (1)",
        lambda c: c.device.fetch_page(Table.ACTIVE),
        """\
GET /api/v1/alarms/active HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "alarms": [
    {
      "id": "1",
      "description": "Trunk is down",
      "url": "/api/v1/alarms/active/1"
    },
    {
      "id": "2",
      "description": "Device will explode in 15 min",
        "url": "/api/v1/alarms/active/2"
      }
    ],
    "cursor": {
      "after": "2",
      "before": "-1"
    }
  }
}
""",
        (FIRST_PAGE,),
    ),
    Example(
        "8.1 (2)",
        lambda c: c.device.fetch_page(Table.ACTIVE, after="2"),
        """\
GET /api/v1/alarms/active?after=2 HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/json
{
  "alarms": [
    {
      "id": "3",
      "description": "Intrusion detected",
      "url": "/api/v1/alarms/active/3"
    }
  ],
  "cursor": {
    "after": "-1",
    "before": "3"
  }
}
""",
        (Page((Row("3", "Intrusion detected"),), None, has_cursor=True),),
    ),
    Example(
        "8.1 (3)",
        lambda c: c.device.fetch_page(Table.ACTIVE, after="3"),
        """\
GET /api/v1/alarms/active?after=3 HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 204 No Content
""",
        (NO_PAGE,),
    ),
    Example(
        "8.1.1",
        lambda c: c.device.fetch_active("1"),
        """\
GET /api/v1/alarms/active/1 HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "id": "1",
  "description": "Trunk is down",
  "severity": "Major",
  "source": "Board#1",
  "date": "2010-03-01T23:00:00.000Z",
  "url": "/api/v1/alarms/active/1"
}
""",
        (READING,),
        query="oid=1",
    ),
    Example(
        "8.1.2",
        last_change,
        """\
GET /api/v1/alarms/active/lastChange HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "lastChange": "2016-06-09 19:00:00+03:00"
}
""",
        ("2016-06-09 19:00:00+03:00",),
    ),
    Example(
        "8.2",
        lambda c: c.device.fetch_page(Table.HISTORY),
        """\
GET /api/v1/alarms/history HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "alarms": [
    {
      "id": "1",
      "description": "Trunk is down",
      "url": "/api/v1/alarms/active/1"
    },
    {
      "id": "2",
      "description": "Device will explode in 15 min",
      "url": "/api/v1/alarms/active/2"
    }
  ],
  "cursor": {
    "after": "2",
    "before": "-1"
  }
}
""",
        (FIRST_PAGE,),
    ),
    Example(
        "8.2.1",
        lambda c: c.device.fetch_history("1"),
        """\
GET /api/v1/alarms/history/1 HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "id": "1",
  "description": "Trunk is down",
  "severity": "Major",
  "source": "Board#1",
  "date": "2010-03-01T23:00:00.000Z",
  "url": "/api/v1/alarms/history/1"
}
""",
        (READING,),
        query="oid=1",
    ),
    Example(
        "9",
        status_words,
        """\
GET /api/v1/status HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "localTimeStamp": "2010-01-17T17:29:15.000Z",
  "ipAddress": "10.4.219.229",
  "subnetMask": "255.255.0.0",
  "defaultGateway": "10.4.0.1",
  "productType": "Mediant SW",
  "versionID": "7.20A.200.014",
  "protocolType": "SIP",
  "operationalState": "UNLOCKED",
  "highAvailability": "Not Operational",
  "serialNumber": "101780235059663",
  "macAddress": "fa163e6e7e1d",
  "systemUpTime": 161446
}
""",
        (STATUS_WORDS,),
    ),
    Example(
        "10",
        lambda c: c.inspector.list_measurements(),
        """\
GET /api/v1/performanceMonitoring HTTP/1.1
Host: 10.4.219.229
HTTP/1.1 200 OK
Content-Type: application/json
{
  "items": [
    "ActiveContextCount",
    "NetUtilKBytes",
    "NetUtilPackets",
    ...
  ]
}
""",
        (("ActiveContextCount", "NetUtilKBytes", "NetUtilPackets"),),
    ),
    Example(
        "10.1 (1)",
        lambda c: c.inspector.describe_measurement("netUtilPackets"),
        """\
GET /api/v1/alarms/performanceMonitoring/netUtilPackets HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "indexes": [0, 1],
  "intervalsPerIndex": [0, 1, 2],
  "lowThreshold": 100,
  "highThreshold": 30000
}
""",
        (Measurement("netUtilPackets", (0, 1), (0, 1, 2), 100.0, 30000.0),),
        first="/api/v1/performanceMonitoring/netUtilPackets",
    ),
    Example(
        "10.1 (2)",
        lambda c: c.inspector.measure("netUtilPackets", 0),
        """\
GET /api/v1/alarms/performanceMonitoring/netUtilPackets?index=0
HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "index": 0,
  "interval": 0,
  "value": -1,
  "min": 0,
  "max": 0,
  "average": 0,
  ...
}
""",
        (
            Measured(
                name="netUtilPackets",
                index=0,
                interval=0,
                value=-1.0,
                minimum=0.0,
                maximum=0.0,
                average=0.0,
                others={},
            ),
        ),
        first="/api/v1/performanceMonitoring/netUtilPackets?index=0",
    ),
    Example(
        "10.1 (3)",
        lambda c: c.inspector.measure("netUtilPackets", 100),
        """\
GET /api/v1/alarms/performanceMonitoring/netUtilPackets?index=100
HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 400 Bad Request
Content-Type: application/json
{
  "description": "Invalid index",
}
""",
        (Said(Refused, "Invalid index"),),
        first="/api/v1/performanceMonitoring/netUtilPackets?index=100",
    ),
    Example(
        "11 (1)",
        lambda c: c.inspector.fetch_license(),
        """\
GET /api/v1/license HTTP/1.1
Host: 10.4.219.229

HTTP/1.1 200 OK
Content-Type: application/json
{
  "licenseVersion": 1,
  "serialNumber": "277522263687112",
"key": "jCx6r5tovCIKaBBbhPtT53Yj",
"keyDescription": "Key features: Board Type: Mediant 800
Security: IPSEC MediaEncryption StrongEncryption
EncryptControlProtocol
Coders: G723 G729 G728 NETCODER GSM-FR GSM-EFR AMR EVRC-QCELP
G727 ILBC EVRC-B "
""",
        (License(1, "277522263687112", "jCx6r5tovCIKaBBbhPtT53Yj", KEY_DESCRIPTION),),
    ),
    Example(
        "11 (2)",
        lambda c: c.maintenance.put_license_key(
            "jCx6r5tovCIKaBBbhPtT53Yj", serial_number="277522263687112"
        ),
        """\
PUT /api/v1/license HTTP/1.1
Host: 10.4.219.229
Content-Type: application/json
{
  "licenseVersion": 1,
  "serialNumber": "277522263687112",
  "key": "jCx6r5tovCIKaBBbhPtT53Yj"
}

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now to activate new
license"
}

or

HTTP/1.1 409 Conflict
Content-Type: application/json
{
  "description": "License key can't be applied to device in
HA configuration. Use license file instead."
}
""",
        (
            "Device will reset now to activate new license",
            Said(
                Conflict,
                "License key can't be applied to device in HA configuration. "
                "Use license file instead.",
            ),
        ),
    ),
    Example(
        "11 (3)",
        lambda c: c.maintenance.put_license_file(c.upload),
        """\
PUT /api/v1/license HTTP/1.1
Host: 10.4.219.229
Content-Type: multipart/form-data; boundary=-----
WebKitFormBoundary7MA4YWxkTrZu0gW

-----WebKitFormBoundary7MA4YWxkTrZu0gW
Content-Disposition: form-data; name="file"; filename="key.txt"
Content-Type: application/octet-stream

<license file>
-----WebKitFormBoundary7MA4YWxkTrZu0gW--

HTTP/1.1 200 OK
Content-Type: application/json
{
  "description": "Device will reset now to activate new
software load"
}
""",
        ("Device will reset now to activate new software load",),
    ),
]
