/**
 * The HTML half of a mail. Styles stand on the elements, because many programs drop the style
 * element; the colours hold on light and dark grounds for those that recolour by themselves.
 */
import { type Html, html, safeHref } from "../../base/html.ts";
import type { ChannelSettings, Message, MessageAction } from "../../domain/notification/channel.ts";
import { oneLine, repeatNote } from "./words.ts";

const style = (...rules: readonly string[]): string => rules.join(";");

const CARD = style(
  "max-width:600px;margin:0 auto;padding:20px",
  "border:1px solid #8a9099;border-radius:8px",
  "background:#ffffff;color:#15181c;font:16px/1.5 sans-serif",
);
const TITLE = "margin:0 0 12px;font-size:20px;line-height:1.3";
const FACTS = "margin:12px 0;border-collapse:collapse;font-size:15px";
const FACT_NAME = style(
  "padding:2px 16px 2px 0;text-align:left;vertical-align:top",
  "font-weight:normal;opacity:0.75",
);
const FOOT = "margin:20px 0 0;font-size:13px;opacity:0.75";

/** Acknowledge is the one thing to find half asleep on a telephone. */
const BUTTONS: Record<MessageAction["verb"], string> = {
  acknowledge: style(
    "display:block;padding:16px 24px;border-radius:6px;background:#b3261e;color:#ffffff",
    "font-size:18px;font-weight:bold;text-align:center;text-decoration:none",
  ),
  open: style(
    "display:block;padding:10px 24px;border:1px solid #8a9099;border-radius:6px",
    "color:inherit;text-align:center;text-decoration:none",
  ),
};

export function htmlOf(message: Message, settings: ChannelSettings): Html {
  return html`<!doctype html>
    <html lang="${message.language ?? "en"}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${oneLine(message.subject)}</title>
        <style>
          :root {
            color-scheme: light dark;
          }
          @media (prefers-color-scheme: dark) {
            .card {
              background: #1b1e22 !important;
              color: #eceff2 !important;
            }
          }
        </style>
      </head>
      <body style="margin:0;padding:16px">
        <div class="card" style="${CARD}">
          <h1 style="${TITLE}">${oneLine(message.subject)}</h1>
          ${message.lines.map(lineOf)} ${factsOf(message)} ${message.actions.map(buttonOf)}
          ${message.mayRepeat ? html`<p><em>${repeatNote(message)}</em></p>` : null}
          <p style="${FOOT}">${originOf(settings)} · ${message.notificationId}</p>
        </div>
      </body>
    </html> `;
}

const lineOf = (line: string): Html => html`<p style="margin:0 0 8px">${line}</p>`;

function factsOf({ facts }: Message): Html | null {
  if (facts.length === 0) return null;
  const rows = facts.map(
    ({ name, value }) =>
      html`<tr>
        <th scope="row" style="${FACT_NAME}">${name}</th>
        <td style="padding:2px 0">${value}</td>
      </tr>`,
  );
  return html`<table style="${FACTS}">
    ${rows}
  </table>`;
}

const buttonOf = ({ label, url, verb }: MessageAction): Html =>
  html`<p style="margin:12px 0 0">
    <a href="${safeHref(url)}" style="${BUTTONS[verb]}">${label}</a>
  </p>`;

const originOf = ({ publicUrl, productName }: ChannelSettings): Html =>
  html`<a href="${safeHref(publicUrl)}" style="color:inherit">${productName}</a>`;
