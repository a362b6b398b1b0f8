/** What a telephony provider tells us, and how it is answered: pure, one file for each provider. */
import type { MarkKind } from "../../../domain/notification/channel.ts";
import type { Spoken } from "../../outbound/phone.ts";

export type Form = Readonly<Record<string, string>>;
export type Told = {
  /** The address that was asked, as the provider knows it. */
  readonly url: string;
  readonly form: Form;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/** What became of a page that the provider took. */
export type Receipt =
  | { readonly kind: "delivered" }
  /** It rang, and nobody took the call: the phone is there, its person is not. */
  | { readonly kind: "not taken"; readonly because: string }
  | { readonly kind: "undelivered"; readonly because: string; readonly mark: MarkKind | null };

export type PhoneProvider = {
  isSigned(told: Told, token: string): boolean;
  /** Null while it is under way. */
  receiptOf(form: Form): Receipt | null;
  /** The number that was called, and the key that was pressed there. */
  keyOf(form: Form): { readonly id: string; readonly number: string; readonly key: string };
  /** `id`: the provider's own, which stays the same when it sends its request again; of a call as well. */
  messageOf(form: Form): {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly text: string;
  };
  /** What a call says next. */
  spoken(said: Spoken): string;
  /** The answer to a text message. */
  replied(text: string, form: Form): string;
};
