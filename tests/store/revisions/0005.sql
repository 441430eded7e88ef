-- What revision 0005 adds to it.
INSERT INTO alarm_texts (alarm_id)
SELECT id FROM alarms WHERE id NOT IN (SELECT alarm_id FROM alarm_texts);

INSERT INTO alarm_words (rowid, words) VALUES
    (1, 'trunk over _statecleared _day20261123 _month202611'),
    (2, 'trunk standing _stateactive _day20261123 _month202611');
