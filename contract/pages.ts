/** Pages without script: the acknowledge and sign-in links, the front door, incidents for reading. */
import { z } from "zod";
import { IncidentId } from "./ids.ts";
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
  summary: "What burns, for whoever is signed in, and where to go from here.",
  reply: Page,
});

export const showIncidents = route({
  method: "GET",
  path: "/incidents",
  access: "incidents.read",
  tag: "pages",
  summary: "Incidents for reading, newest first.",
  query: z.object({
    state: z.literal("open").optional(),
    cursor: z.string().max(500).optional(),
  }),
  reply: Page,
});

export const showIncident = route({
  method: "GET",
  path: "/incidents/:id",
  access: "incidents.read",
  tag: "pages",
  summary:
    "One incident for reading: clocks, people, timeline, pages and what closing still needs.",
  params: z.object({ id: IncidentId }),
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
