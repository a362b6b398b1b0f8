/** The library for calendars (RFC 5545), for those that we write and those that we read. */
import { whenNeeded } from "./whenNeeded.ts";

const library = whenNeeded("ical.js");

export function ical(): typeof import("ical.js").default {
  const { default: ICAL } = library();
  // The library does not count the space that begins a continued line, and RFC 5545 allows 75 octets.
  ICAL.foldLength = 74;
  return ICAL;
}
