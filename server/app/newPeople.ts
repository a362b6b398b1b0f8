/** People who are made when they first come from the identity provider, where that is wanted. */
import type { Grant } from "../../contract/account.ts";
import type { Queryable, Tx } from "../base/db.ts";
import { actorRef, ENGINE, markOf } from "../domain/account/account.ts";
import { putObject } from "../domain/config/commands.ts";
import type { NewPerson, Provider, ProviderSettings } from "./provider.ts";
import type { Wiring } from "./wiring.ts";

/** The provider with the way to make people. */
export function providerOf(wiring: Wiring, settings: ProviderSettings | null): Provider | null {
  if (settings === null) return null;
  const { createAs, ...provider } = settings;
  const create =
    createAs === null
      ? null
      : (tx: Tx, person: NewPerson): Promise<string> => makePerson(tx, wiring, person, createAs);
  return { ...provider, create };
}

/** A person of the API, as an administrator would have made them; returns the id. */
async function makePerson(
  tx: Tx,
  { tools, config }: Wiring,
  person: NewPerson,
  roles: readonly Grant[],
): Promise<string> {
  const id = await freeId(tx, config, person.email);
  const author = { ref: actorRef(ENGINE), mark: markOf(ENGINE) };
  const body = { ...person, roles };
  await putObject(
    tx,
    tools,
    author,
    { kind: "people", id, body, atOnce: false },
    tools.world.clock.now(),
  );
  return id;
}

/** “mara.vos” of mara.vos@acme.example, with a number behind it where that is taken. */
async function freeId(tx: Queryable, config: Wiring["config"], email: string): Promise<string> {
  const snapshot = await config(tx);
  const name = (email.split("@")[0] ?? "").toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
  const base = name.replace(/^[^a-z0-9]+/, "").slice(0, 50) || "person";
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (snapshot.get("people", id) === null) return id;
  }
}
