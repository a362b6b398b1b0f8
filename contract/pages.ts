/** Pages without script: the acknowledge link, the sign-in link, the front door. */
import { z } from "zod";
import { route } from "./route.ts";

const LinkToken = z.object({ token: z.string().min(10).max(200) });
const Page = z.string();

export const showAcknowledge = route({
  method: "GET",
  path: "/a/:token",
  access: "link",
  tag: "pages",
  summary: "A page with a button. Mail scanners follow links, so only the button acts.",
  params: LinkToken,
  reply: Page,
});

export const pressAcknowledge = route({
  method: "POST",
  path: "/a/:token",
  access: "link",
  tag: "pages",
  summary: "Acknowledges as the person whom the page was sent to.",
  params: LinkToken,
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

export const frontDoor = route({
  method: "GET",
  path: "/",
  access: "public",
  tag: "pages",
  summary: "Where to go from here.",
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
