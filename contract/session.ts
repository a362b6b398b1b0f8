/** Signing in and API tokens. */
import { z } from "zod";
import { Grant } from "./account.ts";
import { InstantText, Slug } from "./ids.ts";
import { Language } from "./language.ts";
import { page, PageQuery, route } from "./route.ts";
import { SignInWay } from "./signIn.ts";

export const TokenView = z.object({
  id: z.uuid(),
  label: z.string(),
  person: Slug.nullable(),
  grants: z.array(Grant),
  createdAt: InstantText,
  expiresAt: InstantText.nullable(),
  revokedAt: InstantText.nullable(),
});

export const whoAmI = route({
  method: "GET",
  path: "/v1/me",
  access: "signed in",
  tag: "access",
  summary: "Who this token or session is, and what it may do.",
  reply: z.object({
    kind: z.enum(["person", "token"]),
    person: Slug.nullable(),
    label: z.string().nullable(),
    grants: z.array(Grant),
  }),
});

const OwnLanguage = z.strictObject({ language: Language });

export const readOwnLanguage = route({
  method: "GET",
  path: "/v1/me/language",
  access: "signed in",
  tag: "access",
  summary: "In which language what is sent to you comes.",
  reply: OwnLanguage,
});

export const setOwnLanguage = route({
  method: "PUT",
  path: "/v1/me/language",
  access: "signed in",
  tag: "access",
  summary:
    "Say in which language what is sent to you comes. An entry that a file owns is refused with the patch to make there.",
  body: OwnLanguage,
  reply: OwnLanguage,
});

export const createSignInLink = route({
  method: "POST",
  path: "/v1/people/:id/sign-in-link",
  access: "tokens.manage",
  tag: "access",
  summary: "Make a link that signs the person in once; shown this once, valid for an hour.",
  status: 201,
  params: z.object({ id: Slug }),
  reply: z.object({ url: z.string(), expiresAt: InstantText }),
});

export const signOut = route({
  method: "POST",
  path: "/v1/sign-out",
  access: "signed in",
  tag: "access",
  summary: "End the session of this browser; a token stays as it is.",
  reply: z.object({
    /** Where to go to be signed out at the identity provider too. */
    next: z.string().nullable(),
  }),
});

export const SessionView = z.object({
  id: z.uuid(),
  createdAt: InstantText,
  expiresAt: InstantText,
  /** Null: opened by a version that did not say. */
  how: SignInWay.nullable(),
  /** The one that asks. */
  current: z.boolean(),
});

export const listSessions = route({
  method: "GET",
  path: "/v1/me/sessions",
  access: "signed in",
  tag: "access",
  summary: "Where you are signed in: your sessions that work, newest first.",
  reply: z.object({ items: z.array(SessionView) }),
});

export const endSession = route({
  method: "DELETE",
  path: "/v1/me/sessions/:id",
  access: "signed in",
  tag: "access",
  summary: "End one of your sessions; what it has open is cut off at once.",
  params: z.object({ id: z.uuid() }),
  reply: z.object({}),
});

export const listOwnTokens = route({
  method: "GET",
  path: "/v1/me/tokens",
  access: "signed in",
  tag: "access",
  summary: "API tokens that act as you, newest first; never their secrets.",
  query: PageQuery,
  reply: page(TokenView),
});

export const createOwnToken = route({
  method: "POST",
  path: "/v1/me/tokens",
  access: "signed in",
  tag: "access",
  summary:
    "Make an API token that acts as you; its secret is shown this once. Only a browser does, shortly after signing in.",
  status: 201,
  body: z.strictObject({
    label: z.string().trim().min(1).max(120),
    expiresAt: InstantText.optional(),
  }),
  reply: TokenView.extend({ token: z.string() }),
});

export const revokeOwnToken = route({
  method: "DELETE",
  path: "/v1/me/tokens/:id",
  access: "signed in",
  tag: "access",
  summary: "Revoke a token of yours; it stops working at once.",
  params: z.object({ id: z.uuid() }),
  reply: TokenView,
});

export const listTokens = route({
  method: "GET",
  path: "/v1/tokens",
  access: "tokens.manage",
  tag: "access",
  summary: "API tokens, newest first; never their secrets.",
  query: PageQuery,
  reply: page(TokenView),
});

export const createToken = route({
  method: "POST",
  path: "/v1/tokens",
  access: "tokens.manage",
  tag: "access",
  summary: "Make an API token; its secret is shown this once.",
  status: 201,
  body: z.strictObject({
    label: z.string().trim().min(1).max(120),
    /** Acts as this person, with their roles; without it the grants below count. */
    person: Slug.optional(),
    grants: z.array(Grant).max(32).default([]),
    expiresAt: InstantText.optional(),
  }),
  reply: TokenView.extend({ token: z.string() }),
});

export const revokeToken = route({
  method: "DELETE",
  path: "/v1/tokens/:id",
  access: "tokens.manage",
  tag: "access",
  summary: "Revoke an API token; it stops working at once.",
  params: z.object({ id: z.uuid() }),
  reply: TokenView,
});
