/** The browser's side of passkeys; its library is loaded when one is asked for. */
import type { z } from "zod";
import {
  addPasskey,
  askPasskey,
  beginPasskey,
  type readWays,
  signInByPasskey,
} from "../../contract/signIn.ts";
import { call } from "../kit/call.ts";
import { t, told } from "../kit/words.ts";

export const canPasskeys = (): boolean => globalThis.PublicKeyCredential !== undefined;

/** Why this installation has none; null: it has, or it is not known yet. */
export function whyNoPasskeys(
  ways: Pick<z.infer<(typeof readWays)["reply"]>, "passkeysNot" | "passkeysNotBecause"> | undefined,
): string | null {
  const because = ways?.passkeysNotBecause ?? null;
  return because === null ? (ways?.passkeysNot ?? null) : told(because.template, because.params);
}

/** Whoever closes the browser's question has not failed; nothing is said then but that. */
function inWords(error: unknown): Error {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError")
    return new Error(t("No passkey was given: the question was closed, or it waited too long."));
  if (name === "InvalidStateError")
    return new Error(t("This device has a passkey for you already."));
  return error instanceof Error ? error : new Error(String(error));
}

export async function signInWithPasskey(): Promise<void> {
  const { startAuthentication } = await import("@simplewebauthn/browser");
  const options = await call(askPasskey);
  const response = await startAuthentication({ optionsJSON: options as never }).catch(
    (error: unknown) => {
      throw inWords(error);
    },
  );
  await call(signInByPasskey, { body: { response: { ...response } } });
}

export async function makePasskey(name: string): Promise<void> {
  const { startRegistration } = await import("@simplewebauthn/browser");
  const options = await call(beginPasskey);
  const response = await startRegistration({ optionsJSON: options as never }).catch(
    (error: unknown) => {
      throw inWords(error);
    },
  );
  await call(addPasskey, { body: { name, response: { ...response } } });
}
