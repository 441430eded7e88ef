-- An archive as revision 0001 left it, in words that SQLite and PostgreSQL both take.
INSERT INTO devices (name, url, tags, sequence, read_at, first_seen_at, claim) VALUES
    ('sbc-1', 'https://sbc-1', '{"site": "ams"}', 5,
     '2026-11-23T21:04:05.123456Z', '2026-11-01T00:00:00.000000Z', 3);

INSERT INTO alarms (id, device_id, identity, origin, state, severity, description, source, oid,
    device_alarm_id, device_date, dated_at, seen_at, recorded_at, closed_at, clear_reason,
    transient, revision, stale) VALUES
    ('standing', (SELECT id FROM devices WHERE name = 'sbc-1'), 'identity 1', 'device', 'active',
     'major', 'Trunk ✆ is down', 'Board#1', '1.3.6', '1', '2026-11-23T21:04:00Z',
     '2026-11-23T21:04:00.000000Z', '2026-11-23T21:04:05.123456Z', '2026-11-23T21:04:05.123456Z',
     NULL, NULL, FALSE, 2, TRUE),
    ('over', (SELECT id FROM devices WHERE name = 'sbc-1'), 'identity 2', 'device', 'cleared',
     'minor', 'Trunk is down', 'Board#2', '1.3.6', '2', '2026-11-23T21:04:00Z',
     '2026-11-23T21:04:00.000000Z', '2026-11-23T21:04:05.123456Z', '2026-11-23T21:04:05.123456Z',
     '2026-11-23T21:30:00.000000Z', 'device', FALSE, 2, FALSE);

INSERT INTO events (id, alarm_id, device_id, sequence, kind, at, body) VALUES
    ('r1', 'standing', (SELECT id FROM devices WHERE name = 'sbc-1'), 1, 'raised',
     '2026-11-23T21:04:05.123456Z', '{"event": "r1"}'),
    ('r2', 'over', (SELECT id FROM devices WHERE name = 'sbc-1'), 2, 'raised',
     '2026-11-23T21:04:05.123456Z', '{"event": "r2"}'),
    ('x1', 'standing', (SELECT id FROM devices WHERE name = 'sbc-1'), 3, 'changed',
     '2026-11-23T21:04:05.123456Z', '{"event": "x1"}'),
    ('c2', 'over', (SELECT id FROM devices WHERE name = 'sbc-1'), 4, 'cleared',
     '2026-11-23T21:30:00.000000Z', '{"event": "c2"}');

INSERT INTO deliveries (event_id, alarm_id, sink, key, kind, state, head, attempts, created_at,
    next_at, settled_at, reason, answer) VALUES
    ('r1', 'standing', 'chat', 'key 1', 'raised', 'delivered', FALSE, 1,
     '2026-11-23T21:04:05.123456Z', '2026-11-23T21:04:05.123456Z',
     '2026-11-23T21:04:06.000000Z', NULL, 'HTTP 200'),
    ('r2', 'over', 'chat', 'key 2', 'raised', 'delivered', FALSE, 3,
     '2026-11-23T21:04:05.123456Z', '2026-11-23T21:10:00.000000Z',
     '2026-11-23T21:10:01.000000Z', NULL, 'HTTP 200'),
    ('x1', 'standing', 'chat', 'key 1', 'changed', 'dead', FALSE, 1,
     '2026-11-23T21:04:05.123456Z', '2026-11-23T21:04:05.123456Z',
     '2026-11-23T21:04:06.000000Z', 'refused for good: HTTP 400', NULL),
    ('c2', 'over', 'chat', 'key 2', 'cleared', 'pending', TRUE, 2,
     '2026-11-23T21:30:00.000000Z', '2026-11-23T21:31:00.000000Z', NULL, 'HTTP 503', NULL),
    ('r1', 'standing', 'mail', 'key 1', 'raised', 'dropped', FALSE, 0,
     '2026-11-23T21:04:05.123456Z', '2026-11-23T21:04:05.123456Z',
     '2026-11-23T21:04:05.123456Z', 'severity major is below critical', NULL);

INSERT INTO history_marks (device_id, history_id, description, firm, date, clears)
SELECT id, '76', 'Trunk is down', TRUE, '2026-11-23T21:04:00Z', FALSE
FROM devices WHERE name = 'sbc-1';

INSERT INTO blind_spells (device_id, kind, since, until, reason)
SELECT id, 'gap', '2026-11-23T20:00:00.000000Z', '2026-11-23T21:00:00.000000Z', 'overwritten'
FROM devices WHERE name = 'sbc-1';
