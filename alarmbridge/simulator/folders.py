"""Folders: the answers of a device that never change (guide 3, 4, 8)."""

from alarmbridge.simulator.bodies import JSON, Answer

FOLDER = Answer(
    200,
    JSON,
    b"""{
  "versions": [
    {
      "id": "v1",
      "status": "stable",
      "url": "/api/v1"
    }
  ]
}""",
)

# The wrong url of "alarms" is the guide's own, and a trap for whoever follows urls. Its comma
# after the last item is left out, because no device could have written that with an encoder.
TREE = Answer(
    200,
    JSON,
    b"""{
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
      "description": "Upload and download of configuration files",
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
    }
  ]
}""",
)

ALARMS = Answer(
    200,
    JSON,
    b"""{
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
}""",
)
