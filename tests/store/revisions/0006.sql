-- What revision 0006 adds to it.
UPDATE deliveries SET device_id = (SELECT device_id FROM alarms WHERE alarms.id = alarm_id);
