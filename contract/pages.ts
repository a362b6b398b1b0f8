/** Pages without script: the acknowledge and sign-in links; and what the pages of the web app are made of. */
import { z } from "zod";
import { route } from "./route.ts";

const LinkToken = z.object({ token: z.string().min(10).max(200) });
const Page = z.string();

/** What may be answered from the page behind a link. */
export const PageAnswer = z.enum([
  "acknowledge",
  "not-mine",
  "escalate",
  "resolve",
  "join",
  "decline",
]);
export type PageAnswer = z.infer<typeof PageAnswer>;

export const showAcknowledge = route({
  method: "GET",
  path: "/a/:token",
  access: "link",
  tag: "pages",
  summary: "A page with a button. Mail scanners follow links, so only the button acts.",
  params: LinkToken,
  query: z.object({ answer: PageAnswer.optional() }),
  reply: Page,
});

/** What a button that is no page, such as one of a notification, is told when it asks for JSON. */
export const PressedAnswer = z.object({
  /** Whether it is no longer asked of this person. */
  done: z.boolean(),
  said: z.string(),
});
export type PressedAnswer = z.infer<typeof PressedAnswer>;

export const pressAcknowledge = route({
  method: "POST",
  path: "/a/:token",
  access: "link",
  tag: "pages",
  summary:
    "Answers as the person whom the page was sent to: acknowledges unless it says otherwise.",
  params: LinkToken,
  query: z.object({ answer: PageAnswer.optional() }),
  body: z.unknown(),
  reply: Page,
});

export const showSignIn = route({
  method: "GET",
  path: "/signin/:token",
  access: "link",
  tag: "access",
  summary: "The one-time sign-in link: a page with a button.",
  params: LinkToken,
  reply: Page,
});

export const pressSignIn = route({
  method: "POST",
  path: "/signin/:token",
  access: "link",
  tag: "access",
  summary: "Spends the link and opens a session.",
  params: LinkToken,
  body: z.unknown(),
  reply: Page,
});

export const favicon = route({
  method: "GET",
  path: "/favicon.svg",
  access: "public",
  tag: "pages",
  summary: "The mark of the pages.",
  reply: Page,
});

export const styleSheet = route({
  method: "GET",
  path: "/tocsin.css",
  access: "public",
  tag: "pages",
  summary: "The style of the pages.",
  reply: Page,
});

export const manifest = route({
  method: "GET",
  path: "/manifest.webmanifest",
  access: "public",
  tag: "pages",
  summary: "What a phone needs to install the app.",
  reply: Page,
});

export const serviceWorker = route({
  method: "GET",
  path: "/sw.js",
  access: "public",
  tag: "pages",
  summary: "The worker that keeps the app and what was read for times without a network.",
  reply: Page,
});

export const webAsset = route({
  method: "GET",
  path: "/assets/:file",
  access: "public",
  tag: "pages",
  summary: "Script and style of the web app; a name never changes its content.",
  params: z.object({ file: z.string().min(1).max(200) }),
  reply: Page,
});

/**
 * The addresses of the web app. All of them are answered by the same empty page without data in it, or by the door;
 * what it shows is asked for over the API by whoever has it open. Only an incident comes drawn, with what its reader may see.
 */
export const WEB_PATHS = [
  "/",
  "/alerts",
  "/alerts/:id",
  "/incidents",
  "/incidents/:id",
  "/incidents/:id/close",
  "/incidents/:id/print",
  "/oncall",
  "/oncall/:part",
  "/postmortems",
  "/postmortems/:id",
  "/insights",
  "/insights/:topic",
  "/runbooks",
  "/runbooks/:name",
  "/runbooks/:name/print",
  "/runs/:id",
  "/runs/:id/print",
  "/services",
  "/services/:id",
  "/settings/:noun",
  "/you",
  "/password",
] as const;

export const slackInteraction = route({
  method: "POST",
  path: "/v1/slack/:channel/interactions",
  access: "link",
  tag: "pages",
  summary: "Buttons pressed in Slack, verified by Slack's signature.",
  params: z.object({ channel: z.string().min(1).max(63) }),
  body: z.unknown(),
  reply: z.object({}),
});

export const telegramUpdate = route({
  method: "POST",
  path: "/v1/telegram/:channel/updates",
  access: "link",
  tag: "pages",
  summary: "Buttons pressed in Telegram, verified by the secret of the bot's webhook.",
  params: z.object({ channel: z.string().min(1).max(63) }),
  body: z.unknown(),
  reply: z.object({
    method: z.literal("answerCallbackQuery").optional(),
    callback_query_id: z.string().optional(),
    text: z.string().optional(),
  }),
});
