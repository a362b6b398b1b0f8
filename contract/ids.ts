/** Names of things, shared so that two nouns can point at each other without importing each other. */
import { z } from "zod";

/** A name in configuration: lower case, digits, dash, dot, underscore; it is what people type. */
export const Slug = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "a name of lower-case letters, digits, “-”, “.” or “_”, at most 63 long",
  );

export const Severity = z.enum(["SEV1", "SEV2", "SEV3", "SEV4"]);
export type Severity = z.infer<typeof Severity>;
export const SEVERITIES = Severity.options;

/** What kind of thing it is: all are carried out alike, by procedures of their own. */
export const IncidentKind = z.enum([
  "service",
  "security",
  "data",
  "privacy",
  "cost",
  "governance",
]);
export type IncidentKind = z.infer<typeof IncidentKind>;

/** INC-1, INC-2, …: numbered in the order of declaration, never used twice. */
export const IncidentId = z
  .string()
  .regex(/^INC-[1-9][0-9]{0,8}$/, "an incident id such as INC-12");
export type IncidentId = `INC-${number}`;
export const incidentId = (number: number): IncidentId => `INC-${number}`;
export const incidentNumber = (id: string): number => Number(id.slice("INC-".length));

export const ActionItemId = z
  .string()
  .regex(/^AI-[1-9][0-9]{0,8}$/, "an action item id such as AI-3");
export const actionItemId = (number: number): string => `AI-${number}`;
export const actionItemNumber = (id: string): number => Number(id.slice("AI-".length));

/** RUN-1, RUN-2, …: runs of runbooks in the order of their starts. */
export const RunId = z.string().regex(/^RUN-[1-9][0-9]{0,8}$/, "a run id such as RUN-4");
export const runId = (number: number): string => `RUN-${number}`;
export const runNumber = (id: string): number => Number(id.slice("RUN-".length));

export const AlertId = z.uuid();
export const InstantText = z.iso.datetime({ offset: true });
export const DurationText = z
  .string()
  .regex(
    /^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/,
    "an ISO 8601 duration such as PT15M",
  );
/** An IANA zone name; the check asks the platform's own zone data. */
export const Zone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, "an IANA time zone such as Europe/Berlin");

/** By the codes of ISO 3166. */
export const Place = z
  .string()
  .regex(
    /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/,
    "a country such as DE, perhaps with its region such as DE-BY",
  );

/** In quotes: YAML reads +49… without them as a number and drops the plus. */
export const PhoneNumber = z
  .string()
  .regex(
    /^\+[1-9]\d{6,14}$/,
    'a phone number with its country and without spaces, in quotes, such as "+4915112345678"',
  );

export const WallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00");
export const Weekday = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
export type Weekday = z.infer<typeof Weekday>;
export const WEEKDAYS = Weekday.options;
