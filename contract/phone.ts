/** What telephony providers tell: receipts, keys that were pressed, text messages. Proved by their signature. */
import { z } from "zod";
import { route } from "./route.ts";

const Form = z.record(z.string().max(200), z.string().max(20_000));
const OfPage = z.object({ id: z.uuid() });
const Xml = z.string();

export const phoneReceipt = route({
  method: "POST",
  path: "/v1/phone/pages/:id/receipt",
  access: "link",
  tag: "pages",
  summary: "A provider tells what became of a page by text message or voice.",
  params: OfPage,
  body: Form,
  reply: Xml,
});

export const phoneAnswer = route({
  method: "POST",
  path: "/v1/phone/pages/:id/answer",
  access: "link",
  tag: "pages",
  summary: "A call was taken: what it says.",
  params: OfPage,
  body: Form,
  reply: Xml,
});

export const phoneKey = route({
  method: "POST",
  path: "/v1/phone/pages/:id/key",
  access: "link",
  tag: "pages",
  summary: "A key was pressed in a call: answers as the person who was called.",
  params: OfPage,
  body: Form,
  reply: Xml,
});

export const phoneMessage = route({
  method: "POST",
  path: "/v1/phone/channels/:channel/messages",
  access: "link",
  tag: "pages",
  summary: "A text message came back: answers as the person whose number it came from.",
  params: z.object({ channel: z.string().min(1).max(63) }),
  body: Form,
  reply: Xml,
});
