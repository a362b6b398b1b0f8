/** The ways in: password, passkey, identity provider, break-glass; and what a person keeps for them. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { route, Sentence } from "./route.ts";

/** How a session was opened. */
export const SignInWay = z.enum(["link", "password", "passkey", "provider", "break-glass"]);
export type SignInWay = z.infer<typeof SignInWay>;

const Address = z.string().trim().min(3).max(320);
/** Longer ones are refused, so that nobody has us hash a book. */
const Password = z.string().min(1).max(256);
/** What a browser's authenticator gives; read by the library, not by us. */
const Credential = z.looseObject({ id: z.string().min(1).max(2_000) });
const Options = z.record(z.string(), z.unknown());

export const readWays = route({
  method: "GET",
  path: "/v1/sign-in",
  access: "public",
  tag: "access",
  summary: "The ways in that this installation has.",
  reply: z.object({
    /** Null where passkeys work; else why they do not. */
    passkeysNot: z.string().nullable(),
    /** What that is made of. */
    passkeysNotBecause: Sentence.nullable().optional(),
    /** What the identity provider is called, where there is one. */
    provider: z.string().nullable(),
    /** Whether a forgotten password can be set anew by mail. */
    mail: z.boolean(),
  }),
});

export const signInByPassword = route({
  method: "POST",
  path: "/v1/sign-in/password",
  access: "public",
  tag: "access",
  summary: "Sign in by e-mail address and password; gives the session's cookie.",
  body: z.strictObject({ email: Address, password: Password }),
  reply: z.object({}),
});

export const askPasskey = route({
  method: "POST",
  path: "/v1/sign-in/passkey/options",
  access: "public",
  tag: "access",
  summary: "What a browser needs to ask for a passkey.",
  reply: Options,
});

export const signInByPasskey = route({
  method: "POST",
  path: "/v1/sign-in/passkey",
  access: "public",
  tag: "access",
  summary: "Sign in by a passkey; gives the session's cookie.",
  body: z.strictObject({ response: Credential }),
  reply: z.object({}),
});

export const signInByCode = route({
  method: "POST",
  path: "/v1/sign-in/break-glass",
  access: "public",
  tag: "access",
  summary: "Sign in by a break-glass code. Works once, and everybody who should know is told.",
  body: z.strictObject({ code: z.string().min(1).max(100) }),
  reply: z.object({}),
});

export const forgotPassword = route({
  method: "POST",
  path: "/v1/sign-in/forgotten",
  access: "public",
  tag: "access",
  summary:
    "Mail a link that sets a password anew. The answer is the same for addresses that nobody has.",
  body: z.strictObject({ email: Address }),
  reply: z.object({}),
});

export const setPasswordByLink = route({
  method: "POST",
  path: "/v1/sign-in/new-password",
  access: "public",
  tag: "access",
  summary: "Set a password by the mailed link, and sign in.",
  body: z.strictObject({ token: z.string().min(10).max(200), password: Password }),
  reply: z.object({}),
});

/** Browsers are sent here and back; both are answered by redirects. */
export const goToProvider = route({
  method: "GET",
  path: "/sign-in/provider",
  access: "public",
  tag: "access",
  summary: "Goes to the identity provider.",
  query: z.object({ to: z.string().max(500).optional() }),
  reply: z.string(),
});

export const comeFromProvider = route({
  method: "GET",
  path: "/sign-in/provider/back",
  access: "public",
  tag: "access",
  summary: "Comes back from the identity provider, and signs in.",
  query: z.record(z.string(), z.unknown()),
  reply: z.string(),
});

export const PasskeyView = z.object({
  id: z.uuid(),
  name: z.string(),
  createdAt: InstantText,
  lastUsedAt: InstantText.nullable(),
});

export const readCredentials = route({
  method: "GET",
  path: "/v1/me/credentials",
  access: "signed in",
  tag: "access",
  summary: "Your ways in: since when you have a password, and your passkeys.",
  reply: z.object({
    passwordSince: InstantText.nullable(),
    passkeys: z.array(PasskeyView),
    /** Until when this session may change them; null: sign in again first. */
    changeableUntil: InstantText.nullable(),
  }),
});

export const setPassword = route({
  method: "PUT",
  path: "/v1/me/password",
  access: "signed in",
  tag: "access",
  summary:
    "Set or change your password. Your other sessions end, this one goes on under a new cookie.",
  body: z.strictObject({ password: Password }),
  reply: z.object({}),
});

export const removePassword = route({
  method: "DELETE",
  path: "/v1/me/password",
  access: "signed in",
  tag: "access",
  summary: "Do without a password.",
  reply: z.object({}),
});

export const beginPasskey = route({
  method: "POST",
  path: "/v1/me/passkeys/options",
  access: "signed in",
  tag: "access",
  summary: "What a browser needs to make a passkey.",
  reply: Options,
});

export const addPasskey = route({
  method: "POST",
  path: "/v1/me/passkeys",
  access: "signed in",
  tag: "access",
  summary: "Keep a passkey that the browser has made.",
  status: 201,
  body: z.strictObject({ name: z.string().trim().min(1).max(80), response: Credential }),
  reply: PasskeyView,
});

export const removePasskey = route({
  method: "DELETE",
  path: "/v1/me/passkeys/:id",
  access: "signed in",
  tag: "access",
  summary: "Remove a passkey; it opens nothing from now on.",
  params: z.object({ id: z.uuid() }),
  reply: z.object({}),
});

export const forgetCredentials = route({
  method: "DELETE",
  path: "/v1/people/:id/credentials",
  access: "tokens.manage",
  tag: "access",
  summary: "Take away a person's password, passkeys, provider identity, sessions and tokens.",
  params: z.object({ id: Slug }),
  reply: z.object({}),
});

export const BreakGlassView = z.object({
  id: z.uuid(),
  label: z.string(),
  createdAt: InstantText,
  usedAt: InstantText.nullable(),
  revokedAt: InstantText.nullable(),
});

export const createBreakGlass = route({
  method: "POST",
  path: "/v1/break-glass",
  access: "tokens.manage",
  tag: "access",
  summary: "Make break-glass codes; shown this once, to be sealed and put away.",
  status: 201,
  body: z.strictObject({
    label: z.string().trim().min(1).max(120),
    count: z.int().min(1).max(20).default(5),
  }),
  reply: z.object({ items: z.array(BreakGlassView.extend({ code: z.string() })) }),
});

export const listBreakGlass = route({
  method: "GET",
  path: "/v1/break-glass",
  access: "tokens.manage",
  tag: "access",
  summary: "Break-glass codes, newest first; never the codes themselves.",
  reply: z.object({ items: z.array(BreakGlassView) }),
});

export const revokeBreakGlass = route({
  method: "DELETE",
  path: "/v1/break-glass/:id",
  access: "tokens.manage",
  tag: "access",
  summary: "Revoke a break-glass code; of a used one, what codes opened ends at once.",
  params: z.object({ id: z.uuid() }),
  reply: BreakGlassView,
});
