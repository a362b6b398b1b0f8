/**
 * The one way out of the house. A channel builds an Outbound as plain data and reads a Reply as plain
 * data; only here do bytes leave. The simulation puts its own transport in this place.
 */
export type HttpOutbound = {
  readonly via: "http";
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Of a body that is no text. */
  readonly encoding?: "base64";
  readonly timeoutMs: number;
  /** How much of the reply is read; absent: enough of one to decide on it and to show it. */
  readonly replyBytes?: number;
};

export type MailOutbound = {
  readonly via: "mail";
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  /** Without angle brackets. The same on every attempt, so that mail programs show one mail. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { name: string; type: string; content: string }[];
  readonly timeoutMs: number;
};

export type Outbound = HttpOutbound | MailOutbound;

/**
 * `reached`: whether the other side may have acted. "no" means the request surely was not handed over
 * (name not found, connection refused, refused by our own rules); "maybe" means it may have been.
 */
export type Reply =
  | {
      readonly kind: "http";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** There was more than is read. */
      readonly isCut?: true;
    }
  | { readonly kind: "mail"; readonly code: number; readonly text: string }
  | { readonly kind: "error"; readonly reached: "no" | "maybe"; readonly because: string };

export type Transport = { send(outbound: Outbound): Promise<Reply> };
