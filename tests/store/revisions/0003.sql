-- What revision 0003 adds to it.
UPDATE alarms SET acknowledged_at = '2026-11-23T21:05:00.000000Z', acknowledged_by = 'noc'
WHERE id = 'standing';

UPDATE deliveries SET held_by = 'silence:1', held_until = '2026-11-23T23:00:00.000000Z',
    note = 'flapping', credential = 'canary', forced = TRUE
WHERE state = 'pending';

INSERT INTO delivery_remarks (delivery_id, at, words)
SELECT id, '2026-11-23T21:30:00.000000Z', 'attempt 1: HTTP 503'
FROM deliveries WHERE state = 'pending';

INSERT INTO flaps (sink, key, recent, since, told, last_at) VALUES
    ('chat', '["sbc-1", "1.3.6", "Board#1"]', '["2026-11-23T21:04:05+00:00"]',
     '2026-11-23T21:04:05.000000Z', 'standing', '2026-11-23T21:04:05.000000Z');
