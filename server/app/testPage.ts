/** The page behind the link of a test page: one button, which proves the address that it went to. */
import { html, type Html } from "../base/html.ts";
import type { Speaker } from "../base/words.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { ICONS, line } from "./pageParts.ts";

export function testPageBody(
  { channelId: channel }: Pick<Notification, "channelId">,
  answered: boolean,
  t: Speaker,
): Html {
  const heading = answered ? t("Pages reach you here") : t("A test page: nothing burns");
  const said = answered
    ? t("You answered by {channel}. A true page comes the same way.", { channel })
    : t("You sent it to yourself. Press the button as you would for a true page.");
  return html`<header class="calm"><div class="top"><span>${t("Test")}</span><span></span></div>
<h1>${heading}</h1><p>${said}</p></header>
<section class="lines">
${line(ICONS.tick, t("What it is for"), html`<p>${t("Tocsin knows then that this address is yours and works.")}</p>`)}
</section>
<footer>${answered ? null : html`<form method="post"><button>${t("It came")}<small>${t("nothing else happens")}</small></button></form>`}
<a class="button" href="/you">${t("How you are reached")}</a></footer>`;
}
