/**
 * The severity policy everybody starts with, until a runbook or the configuration says otherwise.
 *
 * The deadlines, who is told, who commands and which postmortems are owed come from the procedure
 * Tocsin was first built for. Four things that procedure leaves open are our choice:
 * - how often stakeholders hear something while it is open (`updateEvery`): half an hour while
 *   everything is down, an hour for a degraded feature, daily for a small fault, never for SEV4;
 * - SEV3 is of low urgency: its on-call engineer is notified and may defer, with four hours to
 *   acknowledge, so it wakes nobody by itself; its acknowledge clock still warns and escalates;
 * - an acknowledge of a SEV1 counts for two hours and of a SEV2 for eight (`acknowledgeLease`), renewed by
 *   whatever its holder does: longer than any response takes without a word, and shorter than a night;
 * - open action items are reviewed weekly, so that one that slipped is seen within days.
 *
 * No commander is named: whoever is on call for the service takes it, at the time `commanderWhen`
 * says. A status page is optional for SEV3, so it is not told by default.
 */
import { type Severity } from "../../../contract/ids.ts";
import { type SeverityPolicy, type SeverityTerms } from "../../../contract/policy.ts";

/** The terms a default must state, so that nothing is ever without an answer. */
export type FullTerms = Required<Omit<SeverityTerms, "commander" | "updateEvery">> &
  Pick<SeverityTerms, "updateEvery">;

export const DEFAULT_POLICY: SeverityPolicy & {
  readonly severities: Record<Severity, FullTerms>;
  readonly actionItemReviewEvery: string;
} = {
  name: "Defaults",
  severities: {
    SEV1: {
      means:
        "Everything is down, customer data is at risk, much revenue is lost, or somebody broke in.",
      examples: [
        "the database is down",
        "nobody can sign in",
        "payments fail",
        "data was taken or exposed",
        "the site does not answer",
      ],
      acknowledge: "PT15M",
      mitigate: "PT1H",
      resolve: "PT4H",
      clockHours: "always",
      updateEvery: "PT30M",
      postmortemWithin: "PT48H",
      reviewMeeting: true,
      commanderWhen: "at once",
      tells: ["executives", "status-page", "customers", "engineering"],
      urgency: "high",
      acknowledgeLease: "PT2H",
    },
    SEV2: {
      means: "A major feature works badly, for many customers or at a cost in revenue.",
      examples: ["search is broken", "the API takes longer than 5 s", "one region is out"],
      acknowledge: "PT1H",
      mitigate: "PT4H",
      resolve: "PT24H",
      clockHours: "always",
      updateEvery: "PT1H",
      postmortemWithin: "P1W",
      reviewMeeting: true,
      commanderWhen: "at once",
      tells: ["status-page", "customers", "engineering"],
      urgency: "high",
      acknowledgeLease: "PT8H",
    },
    SEV3: {
      means: "A small fault with limited impact and a way around it.",
      examples: ["one page shows glitches", "a minor bug"],
      acknowledge: "PT4H",
      mitigate: "PT24H",
      resolve: "P1W",
      clockHours: "always",
      updateEvery: "P1D",
      postmortemWithin: "none",
      reviewMeeting: false,
      commanderWhen: "may defer",
      tells: ["engineering"],
      urgency: "low",
      acknowledgeLease: "none",
    },
    SEV4: {
      means: "Cosmetic: no customer notices. Tracked, not run.",
      examples: ["a typo in the documentation", "technical debt"],
      acknowledge: "PT24H",
      mitigate: "P1W",
      resolve: "P1M",
      clockHours: "always",
      postmortemWithin: "none",
      reviewMeeting: false,
      commanderWhen: "business hours",
      tells: ["engineering"],
      urgency: "low",
      acknowledgeLease: "none",
    },
  },
  actionItemReviewEvery: "P1W",
};
