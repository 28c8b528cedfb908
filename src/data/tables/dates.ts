// ISO 8601 dates and timestamps as days since an origin, and back. No zone is UTC: a result must not depend on the machine's.

import type { DateFormat } from '../../columns.ts';

const day = 86_400_000;
const pattern = /^(\d{4})([-/])(\d\d)\2(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))? ?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Milliseconds since 1970 of `2012-03-31`, `2012/03/31` or `2012-03-31T18:05:00+02:00`; undefined of any other text. */
export function dateOf(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, , month, date, hours = '0', minutes = '0', seconds = '0', zone = 'Z'] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(date));
  // Date.UTC takes the 31st of February for the 2nd of March.
  if (new Date(midnight).getUTCDate() !== Number(date) || Number(month) > 12 || Number(hours) > 24) return undefined;
  if (Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  return midnight + 3_600_000 * Number(hours) + 60_000 * Number(minutes) + 1000 * Number(seconds) - offsetOf(zone);
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (3_600_000 * Number(zone.slice(1, 3)) + 60_000 * Number(zone.slice(-2)));
}

/** Whether a date that was read has a time of day. */
export function hasTime(milliseconds: number): boolean {
  return milliseconds % day !== 0;
}

/** `2012-03-31`: the UTC day of a time. */
export function dayOf(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / day) * day).toISOString().slice(0, 10);
}

/** Days from a format's origin to a time. */
export function daysSince(milliseconds: number, { origin }: DateFormat): number {
  return (milliseconds - Date.parse(origin)) / day;
}

/** A number of days as text: to the second where times of day matter, else to the nearest day. */
export function formatDate(days: number, { origin, time }: DateFormat): string {
  const start = Date.parse(origin);
  if (!time) return dayOf(start + Math.round(days) * day);
  return `${new Date(start + Math.round(days * 86_400) * 1000).toISOString().slice(0, 19)}Z`;
}
