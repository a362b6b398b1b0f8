/** An indicator: a value that points to an attacker when it shows up in an alert. */
import type { Instant } from "../../base/instant.ts";

export type IndicatorType =
  | "ipv4"
  | "ipv6"
  | "domain"
  | "url"
  | "email"
  | "md5"
  | "sha1"
  | "sha256"
  | "file name"
  | "other";

export type Indicator = {
  readonly type: IndicatorType;
  /** In its normal form: lower case where case says nothing. */
  readonly value: string;
  /** Whose word it is: a feed, an event, a report. */
  readonly source: string;
  readonly validFrom: Instant | null;
  /** Null: for as long as nobody says otherwise. */
  readonly validUntil: Instant | null;
  readonly labels: readonly string[];
};
