// Reads calendars with ical.js (https://github.com/kewisch/ical.js), which is nobody's code of ours.
//
//   node verify.mjs < cases.json
//
// cases.json: { "calendars": ["BEGIN:VCALENDAR…", …] }
// Answers, a line each: { "method", "zones": [ids], "events": [{ "uid", "sequence", "status", "summary", "location", "start", "end", "floating",
// "attendees": [[address, partstat]], "organizer" }] };
// start and end are seconds since 1970, by the calendar's own VTIMEZONE.
import ICAL from 'ical.js';
import { text } from 'node:stream/consumers';

const { calendars } = JSON.parse(await text(process.stdin));

for (const calendar of calendars) {
  const root = new ICAL.Component(ICAL.parse(calendar));

  // Only what comes along counts, not what the reader may know of zones.
  ICAL.TimezoneService.reset();
  const zones = root.getAllSubcomponents('vtimezone').map((zone) => {
    ICAL.TimezoneService.register(zone);
    return zone.getFirstPropertyValue('tzid');
  });
  const events = root.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence,
      status: component.getFirstPropertyValue('status'),
      summary: event.summary,
      location: event.location ?? '',
      start: event.startDate.toUnixTime(),
      end: event.endDate.toUnixTime(),
      attendees: event.attendees.map((attendee) => [attendee.getFirstValue(), attendee.getParameter('partstat')]),
      organizer: event.organizer ?? '',
      floating: event.startDate.zone === ICAL.Timezone.localTimezone || event.endDate.zone === ICAL.Timezone.localTimezone,
    };
  });
  console.log(JSON.stringify({ method: root.getFirstPropertyValue('method'), zones, events }));
}
