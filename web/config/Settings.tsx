/** Settings: every object of configuration as YAML, tokens, intake keys, and who changed what. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { parse, stringify } from "yaml";
import { CONFIG_KINDS, type ConfigKind } from "../../contract/config.ts";
import {
  type ConfigObject,
  listConfigChanges,
  listConfigObjects,
  removeConfigObject,
} from "../../contract/configuration.ts";
import { createSignInLink } from "../../contract/session.ts";
import type { z } from "zod";
import { may, useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, CopyButton, RefusedLine, Time, Waiting } from "../kit/parts.tsx";
import { useTitle } from "../kit/title.ts";
import { ABOUT } from "./aboutKinds.ts";
import { Audit } from "./Audit.tsx";
import { ConnectedKey, FirstEvent } from "./FirstEvent.tsx";
import { fileText, KeepChange, TakeFile } from "./KeepChange.tsx";
import { kindName, kindTitle } from "./kindName.ts";
import { VERBS } from "./Preview.tsx";
import { Silences } from "./Silences.tsx";
import { Tokens } from "./Tokens.tsx";
import "./settings.css";
import { said, t, tParts } from "../kit/words.ts";

const route = getRouteApi("/settings/$noun");
const KINDS = Object.keys(CONFIG_KINDS) as readonly ConfigKind[];

export type SettingsSearch = { readonly id?: string | undefined };

export function Settings() {
  const { noun } = route.useParams();
  const me = useMe();
  useTitle(t("Settings: {noun}", { noun: kindTitle(noun) }));
  const kind = KINDS.find((each) => each === noun);
  // On a phone the parts are a line that is wider than the screen.
  useEffect(() => {
    document
      .querySelector(".settings-entry.on")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [noun]);
  return (
    <main className="settings-page">
      <nav className="settings-nav" aria-label={t("Settings")}>
        <h1>{t("Settings")}</h1>
        <div className="settings-entries">
          {KINDS.map((each) => (
            <Entry key={each} noun={each} here={noun} />
          ))}
          <Entry noun="silences" here={noun} />
          <Entry noun="tokens" here={noun} />
          <Entry noun="changes" here={noun} />
          {may(me, "audit.read", null) ? <Entry noun="audit" here={noun} /> : null}
        </div>
      </nav>
      {kind !== undefined ? (
        <Objects kind={kind} key={kind} />
      ) : noun === "silences" ? (
        <Silences />
      ) : noun === "tokens" ? (
        <Tokens />
      ) : noun === "changes" ? (
        <Changes />
      ) : noun === "audit" ? (
        <Audit />
      ) : (
        <p className="empty">{t("There is no such part of the settings.")}</p>
      )}
    </main>
  );
}

const Entry = ({ noun, here }: { noun: string; here: string }) => (
  <Link
    to="/settings/$noun"
    params={{ noun }}
    className={noun === here ? "settings-entry on" : "settings-entry"}
    aria-current={noun === here ? "page" : undefined}
  >
    {kindTitle(noun)}
  </Link>
);

type Shown = z.infer<typeof ConfigObject>;

function Objects({ kind }: { kind: ConfigKind }) {
  const me = useMe();
  const { id } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, ...rest } = useList(listConfigObjects, {
    params: { kind },
    query: { limit: 500 },
  });
  const [making, setMaking] = useState(false);
  const because = may(me, "config.write", null)
    ? null
    : t("Changing settings needs the right “config.write”.");
  const chosen = data?.items.find((each) => each.id === id);
  const choose = (next: string | undefined): void => {
    setMaking(false);
    void navigate({ search: { id: next }, replace: true });
  };
  return (
    <>
      <section className="settings-list" aria-label={kindTitle(kind)}>
        <div className="ch">
          <h2>{kindTitle(kind)}</h2>
          <span className="qq t13">{data?.items.length ?? ""}</span>
          <span className="grow" />
          <Button small because={because} onClick={() => setMaking(true)}>
            {t("Add")}
          </Button>
        </div>
        {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
        {data === undefined && error === null ? <Waiting what={t("the settings")} /> : null}
        <p className="settings-about">{said(ABOUT[kind])}</p>
        {data?.items.length === 0 ? (
          <p className="empty">
            {tParts("None yet. Add one here, or apply {kind} from a directory.", {
              kind: <span className="mono">{t("{kind}.yaml", { kind })}</span>,
            })}
          </p>
        ) : null}
        {data?.items.map((object) => (
          <button
            key={object.id}
            type="button"
            className="settings-object"
            aria-current={object.id === id ? "true" : undefined}
            onClick={() => choose(object.id)}
          >
            <span className="b cut">{object.id}</span>
            <span className="t12 q cut">
              {typeof object.body["name"] === "string" ? object.body["name"] : ""}
            </span>
            <span className="t12 qq mono">
              {object.source === null ? t("API") : `${object.source.file}:${object.source.line}`}
            </span>
          </button>
        ))}
        <More {...rest} />
      </section>
      {making ? (
        <Edit key="new" kind={kind} object={null} because={because} onDone={choose} />
      ) : chosen !== undefined ? (
        <Edit key={chosen.id} kind={kind} object={chosen} because={because} onDone={choose} />
      ) : data === undefined || data.items.length === 0 ? null : (
        <p className="empty">{t("Choose one to see it as it would stand in a file.")}</p>
      )}
    </>
  );
}

const EXAMPLES: Readonly<Partial<Record<ConfigKind, object>>> = {
  keys: { service: "checkout", secret: "generate" },
  people: { name: "Ann Ames", email: "ann@example.org", roles: [{ role: "responder" }] },
  teams: { name: "Payments", members: [] },
  services: { name: "Checkout", team: "payments", tier: 1 },
  audiences: { name: "Customers", people: [] },
};

type EditProps = {
  readonly kind: ConfigKind;
  readonly object: Shown | null;
  readonly because: string | null;
  readonly onDone: (id: string | undefined) => void;
};

function Edit({ kind, object, because, onDone }: EditProps) {
  const saved = stringify(object?.body ?? EXAMPLES[kind] ?? { name: "" });
  const [id, setId] = useState(object?.id ?? "");
  const [text, setText] = useState(saved);
  const [key, setKey] = useState<string | null>(null);
  const remove = useSend(removeConfigObject, (queries) => void queries.invalidateQueries());
  const read = readYaml(text);
  const missing =
    because ??
    (id === "" ? t("It has no id yet.") : null) ??
    read.problem ??
    (object !== null && text === saved ? t("Nothing was changed.") : null);
  const file = fileText(kind, id, text);
  return (
    <section className="settings-edit" aria-label={object?.id ?? t("New")}>
      <div className="row wrap">
        <Button small className="settings-back" onClick={() => onDone(undefined)}>
          <Icon name="left" small /> {kindTitle(kind)}
        </Button>
        {object === null ? (
          <input
            className="input fit"
            aria-label={t("Id")}
            placeholder={t("id, such as checkout")}
            value={id}
            onChange={(event) => setId(event.target.value)}
          />
        ) : (
          <h2>{object.id}</h2>
        )}
        <span className="t13 q">
          {object === null
            ? t("kept by the API")
            : object.source === null
              ? t("kept by the API")
              : t("owned by {file}:{line}; change it there and apply", {
                  file: object.source.file,
                  line: object.source.line,
                })}
        </span>
        <span className="grow" />
        {kind === "people" && object !== null ? <LinkFor person={object.id} /> : null}
        <TakeFile name={id === "" ? kind : id} file={file} />
      </div>
      <div className="settings-halves">
        <div className="field">
          <label htmlFor="settings-yaml">{t("What it says")}</label>
          <textarea
            id="settings-yaml"
            className="mono"
            rows={Math.min(24, Math.max(10, text.split("\n").length + 1))}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="field">
          <span className="label">{t("As it stands in a file")}</span>
          <pre>{file}</pre>
        </div>
      </div>
      {read.problem === null ? null : <p className="refused">{read.problem}</p>}
      <RefusedLine error={remove.error} />
      <KeepChange
        kind={kind}
        id={id}
        body={read.value}
        because={missing}
        source={object?.source ?? null}
        word={object === null ? t("Add it") : t("Keep the change")}
        onKept={(reply) => {
          setKey(reply.key);
          if (reply.key === null) onDone(reply.id);
        }}
      >
        {object === null ? null : (
          <Button
            look="danger"
            because={because}
            onClick={() =>
              remove.mutate(
                { params: { kind, id: object.id } },
                { onSuccess: () => onDone(undefined) },
              )
            }
          >
            {t("Remove {id}", { id: object.id })}
          </Button>
        )}
      </KeepChange>
      {key === null ? null : <FirstEvent id={id} secret={key} />}
      {key === null && kind === "keys" && object !== null ? <ConnectedKey id={object.id} /> : null}
    </section>
  );
}

function readYaml(text: string): { value: Record<string, unknown>; problem: string | null } {
  try {
    const value: unknown = parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown>, problem: null };
    return { value: {}, problem: t("It is not a mapping of keys.") };
  } catch (error) {
    const words = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    return { value: {}, problem: t("It is not YAML: {words}", { words }) };
  }
}

/** An invitation: shown once, good for one sign-in within the hour. */
function LinkFor({ person }: { person: string }) {
  const me = useMe();
  const send = useSend(createSignInLink);
  if (!may(me, "tokens.manage", null)) return null;
  return send.data === undefined ? (
    <Button small onClick={() => send.mutate({ params: { id: person } })}>
      {t("Make a sign-in link")}
    </Button>
  ) : (
    <span className="row">
      <span className="mono cut link-shown">{send.data.url}</span>
      <CopyButton text={send.data.url} what={t("link")} />
    </span>
  );
}

function Changes() {
  const names = useNames();
  const { data, error, refetch, ...rest } = useList(listConfigChanges, { query: { limit: 200 } });
  return (
    <section className="settings-wide" aria-label={t("Changes")}>
      <h2>{t("Who changed what")}</h2>
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data === undefined && error === null ? <Waiting what={t("the changes")} /> : null}
      {data?.items.length === 0 ? (
        <p className="empty">
          {t("Nothing was changed yet. What is applied or edited stands here.")}
        </p>
      ) : null}
      <table className="stacked">
        <thead>
          <tr>
            <th scope="col">{t("When")}</th>
            <th scope="col">{t("Who")}</th>
            <th scope="col">{t("What")}</th>
            <th scope="col">{t("Object")}</th>
          </tr>
        </thead>
        <tbody>
          {data?.items.map((change) => {
            const by = change.by as { personId?: string; label?: string; kind?: string };
            return (
              <tr key={change.id}>
                <td className="nowrap">
                  <Time iso={change.at} seconds />
                </td>
                <td>
                  {by.personId === undefined ? (by.label ?? by.kind) : names.person(by.personId)}
                </td>
                <td>{said(VERBS[change.verb])}</td>
                <td>
                  <Link
                    to="/settings/$noun"
                    params={{ noun: change.kind }}
                    search={{ id: change.object }}
                  >
                    {kindName(change.kind)} {change.object}
                  </Link>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <More {...rest} />
    </section>
  );
}
