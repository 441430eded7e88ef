-- What revision 0009 adds to it: nothing but an index; one more event of a device goes into it.
INSERT INTO events (id, alarm_id, device_id, sequence, kind, at, body)
SELECT 'later', alarm_id, device_id, 99, 'changed', at, body FROM events WHERE id = 'r1';
