/** The mails of the demo, numbered as they came, and the two pages that show them. */
import * as contract from "../../../contract/demo.ts";
import { Refusal } from "../../base/errors.ts";
import { html, type Html } from "../../base/html.ts";
import type { Instant } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { Actor } from "../../domain/account/account.ts";
import { pageAround, type Reading, timeMark } from "../pageParts.ts";
import type { Mail, Mailbox } from "./mailbox.ts";

export type NumberedMail = Mail & { readonly number: number };

export type DemoMail = {
  /** Oldest first. */
  all(): readonly NumberedMail[];
  /** The newest mail for which the predicate holds. */
  find(predicate: (mail: NumberedMail) => boolean): NumberedMail | null;
  readonly routes: readonly BoundRoute<Actor>[];
};

const KEPT = 500;

/** Collects what the mailbox takes. Addresses below `publicUrl` become links, no others. */
export function demoMail(mailbox: Mailbox, now: () => Instant, publicUrl: string): DemoMail {
  const kept: NumberedMail[] = [];
  let count = 0;
  mailbox.on((mail) => {
    const numbered = { ...mail, number: ++count };
    kept.push(numbered);
    kept.splice(0, kept.length - KEPT);
  });
  const reading = (): Reading => ({ now: now(), zone: "UTC", language: "en" });
  return {
    all: () => [...kept],
    find: (predicate) => kept.findLast(predicate) ?? null,
    routes: [
      bind(contract.listDemoMail, async () =>
        pageAround(
          { language: "en", title: "Mail", wide: true },
          listPage(kept.toReversed(), reading()),
        ),
      ),
      bind(contract.readDemoMail, async ({ params }) => {
        const mail = kept.find((each) => each.number === params.number);
        const path = `/demo/mail/${params.number}`;
        if (mail === undefined) throw new Refusal("request.unknown_route", { method: "GET", path });
        const body = mailPage(mail, publicUrl, reading());
        return pageAround({ language: "en", title: mail.subject, wide: true }, body);
      }),
    ],
  };
}

function listPage(mails: readonly NumberedMail[], reading: Reading): Html {
  const rows = mails.map(
    (mail) => html`<li><span class="quiet">${timeMark(mail.receivedAt, reading, true)}</span>
<div><a href="/demo/mail/${mail.number}">${mail.subject}</a>
<small>to ${mail.to.join(", ")}</small></div><div>${isPage(mail) ? "page" : "notice"}</div>
<div>${mail.attachments.length === 0 ? "" : "with an attachment"}</div></li>`,
  );
  return html`<h1>Mail</h1>
<p>What the demo sent, newest first. Nothing left this machine. Times are ${reading.zone}.</p>
${mails.length === 0 ? html`<p>No mail yet.</p>` : html`<ul class="rows panel">${rows}</ul>`}`;
}

/** A page carries a link with which it can be acknowledged. */
const isPage = (mail: Mail): boolean => acknowledgePath(mail) !== null;

/** The signed link in a page: its path alone, so that it is asked of the node that sent it. */
export const acknowledgePath = (mail: Mail): string | null =>
  /https?:\/\/[^\s/]+(\/a\/[^\s]+)/.exec(mail.text)?.[1] ?? null;

function mailPage(mail: NumberedMail, publicUrl: string, reading: Reading): Html {
  const files = mail.attachments.map(
    (file) => html`<h2>${file.name} <small>${file.type}</small></h2><pre>${file.content}</pre>`,
  );
  const source =
    mail.html === null
      ? null
      : html`<details><summary>The HTML half, as text</summary><pre>${mail.html}</pre></details>`;
  return html`<p><a href="/demo/mail">All mail</a></p><h1>${mail.subject}</h1>
<p>From ${mail.from} to ${mail.to.join(", ")},
${timeMark(mail.receivedAt, reading, true)} ${reading.zone}.</p>
<div class="mail">${linked(mail.text, publicUrl)}</div>${files}${source}`;
}

/** The text with addresses of this node made links; every other address stays text. */
function linked(text: string, publicUrl: string): readonly Html[] {
  return text.split(/(https?:\/\/[^\s]+)/).map((part, index) => {
    const ours = index % 2 === 1 && part.startsWith(`${publicUrl}/`);
    if (!ours) return html`${part}`;
    // The path alone: however the reader reached this page, the link stays on the same server.
    return html`<a href="${part.slice(publicUrl.length)}">${part}</a>`;
  });
}
