import { describe, expect, test } from "vitest";
import { Rule } from "../../../contract/signal.ts";
import { silentBands } from "./bands.ts";
import { DEFAULT_RULES } from "./defaultRules.ts";

type Text = Record<string, unknown>;

const rule = (id: string, condition: Text, rest: Text = {}) => ({
  id,
  body: Rule.parse({
    condition: { measure: "load", unit: "%", comparator: ">", threshold: 0, ...condition },
    then: { declare: "SEV2" },
    ...rest,
  }),
});

const sev1 = { then: { declare: "SEV1" } };
const texts = (...rules: { id: string; body: Rule }[]) =>
  silentBands(rules).map(({ text }) => text);

const high = rule("high", { threshold: 10, sustained: "PT5M" }, sev1);
const raised = rule("raised", { comparator: ">=", threshold: 5, upTo: 10, sustained: "PT15M" });

test("the defaults leave exactly two bands of the error rate silent", () => {
  expect(silentBands(DEFAULT_RULES)).toEqual([
    {
      measure: "error_rate",
      service: null,
      unit: "%",
      from: { value: 5, inclusive: true },
      to: { value: 10, inclusive: true },
      forAtMostMs: 15 * 60_000,
      ruleIds: ["default-error-rate-raised"],
      text:
        "error_rate from 5 % up to 10 % for 15 min or less " +
        "declares nothing; longer declares SEV2 by default-error-rate-raised.",
    },
    {
      measure: "error_rate",
      service: null,
      unit: "%",
      from: { value: 10, inclusive: false },
      to: null,
      forAtMostMs: 5 * 60_000,
      ruleIds: ["default-error-rate-high"],
      text:
        "error_rate above 10 % for 5 min or less " +
        "declares nothing; longer declares SEV1 by default-error-rate-high.",
    },
  ]);
});

describe("changed rules change what is reported", () => {
  for (const [promise, rules, reported] of [
    ["a rule alone says its own waiting time", [high], []],
    [
      "other thresholds and times are followed",
      [
        rule("high", { threshold: 20, sustained: "PT1M" }, sev1),
        rule("raised", { threshold: 8, upTo: 20, sustained: "PT1H" }),
      ],
      [
        "load above 8 % up to 20 % for 1 h or less " +
          "declares nothing; longer declares SEV2 by raised.",
        "load above 20 % for 1 min or less " + "declares nothing; longer declares SEV1 by high.",
      ],
    ],
    [
      "a rule that declares at once leaves no band",
      [rule("high", { threshold: 10 }, sev1), raised],
      [
        "load from 5 % up to 10 % for 15 min or less " +
          "declares nothing; longer declares SEV2 by raised.",
      ],
    ],
    [
      "values between two rules that no rule covers are silent however long",
      [rule("high", { threshold: 12 }, sev1), rule("raised", { threshold: 5, upTo: 10 })],
      [
        "load above 10 % up to 12 % " +
          "declares nothing, however long; its neighbours declare SEV2 by raised, SEV1 by high.",
      ],
    ],
    [
      "a band with nothing above it is silent there",
      [rule("raised", { threshold: 5, upTo: 10 })],
      [
        "load above 10 % " +
          "declares nothing, however long; its neighbours declare SEV2 by raised.",
      ],
    ],
    [
      "the shortest time among rules for the same values counts",
      [high, rule("raised", { threshold: 10, sustained: "PT1M" })],
      [
        "load above 10 % for 1 min or less " +
          "declares nothing; longer declares SEV1 by high, SEV2 by raised.",
      ],
    ],
    [
      "neighbouring bands of the same time are one",
      [high, rule("raised", { threshold: 5, sustained: "PT5M" })],
      [
        "load above 5 % for 5 min or less " +
          "declares nothing; longer declares SEV2 by raised, SEV1 by high.",
      ],
    ],
    [
      "rules that look downwards are read from the other end",
      [
        rule("low", { comparator: "<", threshold: 95, sustained: "PT15M" }),
        rule("lowest", { comparator: "<=", threshold: 80, sustained: "PT5M" }, sev1),
      ],
      [
        "load up to 80 % for 5 min or less " +
          "declares nothing; longer declares SEV2 by low, SEV1 by lowest.",
        "load above 80 % and below 95 % for 15 min or less " +
          "declares nothing; longer declares SEV2 by low.",
      ],
    ],
    [
      "a rule that records says that the band is known",
      [high, raised, rule("known", { comparator: ">=", threshold: 5 }, { then: { record: true } })],
      [],
    ],
    [
      "a single value that another rule leaves out is found",
      [raised, rule("known", { threshold: 5 }, { then: { record: true } })],
      [
        "load at exactly 5 % for 15 min or less " +
          "declares nothing; longer declares SEV2 by raised.",
      ],
    ],
    [
      "another measure or baseline is another ladder",
      [high, rule("other", { measure: "memory" }), rule("times", { baseline: "P1W" })],
      [],
    ],
    [
      "rules for one service are judged together with those for all",
      [
        rule("high", { threshold: 10 }, sev1),
        rule("raised", { threshold: 5, sustained: "PT15M" }, { services: ["checkout"] }),
      ],
      [
        "load on checkout above 5 % up to 10 % for 15 min or less " +
          "declares nothing; longer declares SEV2 by raised.",
      ],
    ],
    ["without rules over numbers there is nothing to report", [], []],
  ] as [string, { id: string; body: Rule }[], string[]][]) {
    test(promise, () => expect(texts(...rules)).toEqual(reported));
  }

  test("a service is not named for a band that all services have", () => {
    const scoped = rule("memory", { threshold: 20 }, { services: ["checkout"], ...sev1 });
    const bands = silentBands([high, raised, scoped]);
    expect(bands.map(({ service, from }) => [service, from?.value])).toEqual([
      [null, 5],
      [null, 10],
      ["checkout", 10],
    ]);
  });

  test("a rule about alerts is passed over", () => {
    const alert = { id: "alert", body: Rule.parse({ when: "true", then: { declare: "SEV1" } }) };
    expect(silentBands([alert])).toEqual([]);
  });
});
