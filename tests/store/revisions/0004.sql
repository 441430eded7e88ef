-- What revision 0004 adds to it.
UPDATE alarms SET operator_closed_at = '2026-11-23T21:06:00.000000Z', operator_closed_by = 'noc'
WHERE id = 'standing';

INSERT INTO operator_actions (at, who, action, alarm_id, target, comment) VALUES
    ('2026-11-23T21:06:00.000000Z', 'noc', 'close', 'standing', '', 'known'),
    ('2026-11-23T21:07:00.000000Z', 'noc', 'silence.add', NULL, '1', '');

INSERT INTO sessions (id, proof, opened_at, ends_at) VALUES
    ('digest', 'proof', '2026-11-23T21:07:00.000000Z', '2026-11-24T09:07:00.000000Z');
