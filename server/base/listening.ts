/** Why nothing listens at an address, in the words of whoever chose it. */
import { getSystemErrorMap } from "node:util";
import { Refusal } from "./errors.ts";

type Chosen = { readonly host: string; readonly port: number; readonly setting: string };

/** What a failed `listen` says; whatever is no fault of the address stays as it is. */
export function notListening(error: unknown, chosen: Chosen): unknown {
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") return new Refusal("start.address_taken", chosen);
  if (code === undefined || !["listen", "bind", "getaddrinfo"].includes(syscall ?? ""))
    return error;
  const problem = getSystemErrorMap().get(errno ?? 0)?.[1] ?? code;
  return new Refusal("start.address_refused", { ...chosen, problem });
}
