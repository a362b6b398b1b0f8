/** What people and providers of telephony do about what they receive in bad weather. */
import { pressAcknowledge } from "../contract/pages.ts";
import type { Route } from "../contract/route.ts";
import { SECOND } from "../server/base/instant.ts";
import type { Input } from "../server/app/local/virtual/node.ts";
import type { Received } from "../server/app/local/virtual/transport.ts";
import type { Die, Forecast } from "./forecast.ts";
import type { Form } from "./form.ts";
import { VERBS } from "./people.ts";
import { personAt, receiptOf } from "./phones.ts";

/** What the weather lends. */
type Lent = {
  readonly dice: Die;
  /** Of their own, so that a seed without telephones is as it was. */
  readonly receipts: Die;
  readonly plan: Forecast;
  readonly form: Form;
  readonly later: (ms: number, what: string, run: () => Promise<void>) => void;
  readonly act: (person: string, route: Route, input: Input) => Promise<void>;
};

export function answering({ dice, receipts, plan, form, later, act }: Lent) {
  return {
    /** People who are paged press the link after a while, or sleep on; later they may resolve it. */
    react(page: Received): void {
      const incident = /INC-\d+/.exec(page.subject)?.[0];
      const token = /\/a\/([\w.-]+)/.exec(page.text)?.[1];
      if (incident === undefined || token === undefined || dice.maybe(plan.sleepiness)) return;
      const person = personAt(page.to);
      later(dice.between(10, 400) * SECOND, `${person} wakes`, async () => {
        await act(person, pressAcknowledge, { params: { token } });
        if (!dice.maybe(0.5)) return;
        later(dice.between(30, 600) * SECOND, `${person} is done`, () =>
          act("zoe", VERBS.resolve, { params: { id: incident }, body: {} }),
        );
      });
    },
    /** A provider says what became of what it took: once, twice, wrongly, or never. */
    confirm(page: Received, isOver: boolean): void {
      const said = isOver ? "delivered" : receipts.weighted(form.receipts);
      for (const becomes of form.receiptsOf(said)) {
        const { route, input } = receiptOf(page, becomes);
        later(receipts.one(form.receiptSeconds) * SECOND, `a receipt: ${said}`, () =>
          act("the provider", route, input),
        );
      }
    },
  };
}
