/** The page behind the link of a test page: one button, which proves the address that it went to. */
import { html, type Html } from "../base/html.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { ICONS, line } from "./pageParts.ts";

export function testPageBody(row: Pick<Notification, "channelId">, answered: boolean): Html {
  const heading = answered ? "Pages reach you here" : "A test page: nothing burns";
  const said = answered
    ? `You answered by ${row.channelId}. A true page comes the same way.`
    : "You sent it to yourself. Press the button as you would for a true page.";
  return html`<header class="calm"><div class="top"><span>Test</span><span></span></div>
<h1>${heading}</h1><p>${said}</p></header>
<section class="lines">
${line(ICONS.tick, "What it is for", html`<p>Tocsin knows then that this address is yours and works.</p>`)}
</section>
<footer>${answered ? null : html`<form method="post"><button>It came<small>nothing else happens</small></button></form>`}
<a class="button" href="/you">How you are reached</a></footer>`;
}
