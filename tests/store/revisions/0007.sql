-- What revision 0007 adds to it.
INSERT INTO licenses (device_id, serial_number, digest, description, seen_at)
SELECT id, '1', 'digest', 'SBC=25', '2026-11-24T21:07:00.000000Z' FROM devices WHERE name <> '';

INSERT INTO configurations (device_id, taken_at, checked_at, reason, body)
SELECT id, '2026-11-24T21:07:00.000000Z', '2026-11-24T21:08:00.000000Z', 'schedule', '' FROM devices
WHERE name <> '';
