/**
 * Pages without script, and what the web app is made of. The acknowledge link is a capability for the one person it was sent to: GET
 * only shows what burns, because mail scanners follow links; POST acts.
 */
import { readFile } from "node:fs/promises";
import { incidentId } from "../../contract/ids.ts";
import type { Language } from "../../contract/language.ts";
import * as contract from "../../contract/pages.ts";
import { type Queryable, transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { bind, type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import { refusalInWords, speaker } from "../base/words.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE_READER } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { listDeadlines } from "../domain/deadline/store.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { findRequest } from "../domain/incident/responderStore.ts";
import { findIncident } from "../domain/incident/store.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { answeredFrom, isTest } from "../domain/notification/proving.ts";
import { findNotification } from "../domain/notification/store.ts";
import { acknowledgePage, pressedAnswer } from "./acknowledgePage.ts";
import { answerAs, answerOf, ownerOf } from "./answers.ts";
import { chatRoutes } from "./chat.ts";
import { type DoorOptions, doorRoutes } from "./door.ts";
import { ladderOf } from "./ladder.ts";
import { languageFor } from "./language.ts";
import { FAVICON, nameIn, pageAround } from "./pageParts.ts";
import { phoneRoutes } from "./phone.ts";
import { ownTokenRoutes } from "./ownTokens.ts";
import { signInRoutes } from "./signIn.ts";
import { testPageBody } from "./testPage.ts";
import { installable, webAssets } from "./web.ts";

/** As many steps ahead as a phone shows without scrolling far. */
const RUNGS_AHEAD = 3;

export function pageRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  options: DoorOptions,
): readonly BoundRoute<Actor>[] {
  const rowOf = async (token: string): Promise<Notification> => {
    const row = await findNotification(world.db, ENGINE_READER, linkTarget(world, token));
    if (row === null) throw new Refusal("page.link_invalid");
    const isTheirs = row.personId === null || ownerOf(await config(world.db), row) !== null;
    if (!isTheirs) throw new Refusal("page.link_invalid");
    return row;
  };

  const find = async (token: string): Promise<{ row: Notification; incident: Incident }> => {
    const row = await rowOf(token);
    const incident =
      row.incidentNumber === null
        ? null
        : await findIncident(world.db, ENGINE_READER, row.incidentNumber);
    if (incident === null) throw new Refusal("page.link_invalid");
    return { row, incident };
  };

  /** Whoever pressed has what was sent there: the address is proved. */
  const answered = (row: Notification): Promise<void> =>
    transact(world.db, (tx) => answeredFrom(tx, row, world.clock.now()));

  /** Theirs, where it is known; else what their browser asks for. */
  const languageAt = async (row: Notification, { headers }: RequestFacts): Promise<Language> => {
    const person = (await config(world.db)).get("people", row.personId ?? "");
    return person?.body.language ?? languageFor(headers);
  };

  const show = async (
    row: Notification,
    incident: Incident,
    refusal: string | null,
    language: Language,
    meant?: contract.PageAnswer,
  ) => {
    const snapshot = await config(world.db);
    const id = incidentId(incident.number);
    const zone = snapshot.get("people", row.personId ?? "")?.body.timezone ?? "UTC";
    const body = acknowledgePage({
      row,
      incident,
      nameOf: nameIn(snapshot),
      ladder: await ladderOf(world.db, snapshot, incident, RUNGS_AHEAD),
      clocks: (await listDeadlines(world.db, id)).map(({ deadline }) => deadline),
      request: row.requestId === null ? null : await findRequest(world.db, row.requestId),
      refusal,
      meant: meant ?? null,
      reading: { now: world.clock.now(), zone, language },
    });
    return pageAround({ language, title: `${incident.severity} ${id}` }, body);
  };

  /** The same in one sentence, for the button of a notification. */
  const sayPressed = async (
    row: Notification,
    incident: Incident,
    refusal: string | null,
    language: Language,
  ) => {
    const nameOf = nameIn(await config(world.db));
    const pressed = pressedAnswer(row, incident, refusal, nameOf, language);
    return new Raw("application/json; charset=utf-8", JSON.stringify(pressed));
  };

  return [
    bind(contract.showAcknowledge, async ({ params, query, request }) => {
      const test = await rowOf(params.token);
      const language = await languageAt(test, request);
      if (isTest(test)) return testPage(test, test.acknowledgedAt !== null, language);
      const { row, incident } = await find(params.token);
      return show(row, incident, null, language, query.answer);
    }),
    bind(contract.pressAcknowledge, async ({ params, query, request }) => {
      const test = await rowOf(params.token);
      const language = await languageAt(test, request);
      if (isTest(test)) {
        await answered(test);
        return testPage(test, true, language);
      }
      const { row, incident } = await find(params.token);
      const answer = query.answer ?? answerOf(row);
      const tell = request.headers["accept"] === "application/json" ? sayPressed : show;
      try {
        const incidentNow = await answerAs(world, config, row.personId, incident.number, answer);
        await answered(row);
        return await tell(row, incidentNow, null, language);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === "page.link_invalid") throw error;
        const current = await findIncident(world.db, ENGINE_READER, incident.number);
        return tell(row, current ?? incident, refusalInWords(error, language), language);
      }
    }),
    ...phoneRoutes(world, config),
    ...signInRoutes(world, config, options.provider),
    ...doorRoutes(world, config, options),
    ...ownTokenRoutes(world),
    webAssets,
    ...installable,
    bind(
      contract.favicon,
      async () =>
        new Raw("image/svg+xml", FAVICON.toString(), { "cache-control": "public, max-age=86400" }),
    ),
    bind(contract.styleSheet, async () => {
      const style = await readFile(new URL("tocsin.css", import.meta.url), "utf8");
      return new Raw("text/css; charset=utf-8", style, { "cache-control": "public, max-age=300" });
    }),
    ...chatRoutes(world, config),
  ];
}

function testPage(row: Notification, isAnswered: boolean, language: Language): Raw {
  const t = speaker(language);
  return pageAround({ language, title: t("Test page") }, testPageBody(row, isAnswered, t));
}

function linkTarget(world: World, token: string): string {
  const dot = token.lastIndexOf(".");
  const [id, signature] = [token.slice(0, dot), token.slice(dot + 1)];
  const isId = /^[0-9a-f-]{36}$/.test(id);
  if (!isId || !world.keys.verify("acknowledge", id, signature))
    throw new Refusal("page.link_invalid");
  return id;
}
