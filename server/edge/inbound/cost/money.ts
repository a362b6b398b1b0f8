/** Sums of money as notifications write them. */
import { scalarText } from "../reading.ts";

/** The number in “$1,234.50”, “> 80%” or 12.5; null when there is none. */
export function amountOf(value: unknown): number | null {
  const digits = /-?\d[\d,]*(?:\.\d+)?/.exec(scalarText(value) ?? "")?.[0].replaceAll(",", "");
  const amount = digits === undefined ? Number.NaN : Number(digits);
  return Number.isFinite(amount) ? amount : null;
}

/** An amount with its currency, two digits behind the point. */
export const moneyText = (amount: number | null, currency: string | null): string =>
  amount === null ? "an unknown sum" : `${amount.toFixed(2)} ${currency ?? ""}`.trim();
