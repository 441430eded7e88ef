-- What revision 0002 adds to it.
INSERT INTO silences (match, starts_at, ends_at, comment, author, created_at) VALUES
    ('{"devices": ["sbc-*"]}', '2026-11-23T21:00:00.000000Z', '2026-11-23T23:00:00.000000Z',
     'upgrade', 'noc', '2026-11-23T20:00:00.000000Z');
