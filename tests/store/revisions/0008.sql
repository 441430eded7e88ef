-- What revision 0008 adds to it.
UPDATE alarm_words SET words =
    'trunk over _statecleared _hour2026112321 _day20261123 _month202611' WHERE rowid = 1;

UPDATE alarm_words SET words =
    'trunk standing _stateactive _hour2026112321 _day20261123 _month202611' WHERE rowid = 2;
