/** A new key is shown once, with words to paste, and the page waits for what comes in by it. */
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import { type Alert, listAlerts } from "../../contract/alert.ts";
import { listIntakeTools, listKeyUses, sendSample } from "../../contract/intake.ts";
import { readOverview } from "../../contract/overview.ts";
import { may, useMe } from "../app/me.ts";
import { Choice } from "../kit/Choice.tsx";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, CopyButton, RefusedLine, Time } from "../kit/parts.tsx";
import { later, t, tParts } from "../kit/words.ts";

const TOOLS = [
  "curl",
  "Prometheus",
  "Alertmanager",
  "PagerDuty Events",
  later("any tool"),
] as const;
type Tool = (typeof TOOLS)[number];
type Taken = z.infer<typeof sendSample.reply>;

/** Pasted text has a mark of its own, so that this very event is recognised. */
function wordsFor(tool: Tool, url: string, secret: string, dedup: string): string {
  switch (tool) {
    case "curl":
      return `curl ${url}/v2/enqueue -d '{"routing_key":"${secret}","event_action":"trigger",
 "dedup_key":"${dedup}","payload":{"summary":"Hello","source":"me","severity":"info"}}'`;
    case "Prometheus":
      return `alerting:
  alertmanagers:
    - scheme: ${url.startsWith("https") ? "https" : "http"}
      static_configs:
        - targets: ["${url.replace(/^https?:\/\//, "")}"]
      authorization:
        credentials: ${secret}`;
    case "Alertmanager":
      return `receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}/v1/intake/${secret}/alertmanager`;
    case "PagerDuty Events":
      return `events URL: ${url}/v2/enqueue
routing key: ${secret}`;
    case "any tool":
      return `webhook URL: ${url}/v1/intake/${secret}`;
  }
}

export function FirstEvent({ id, secret }: { id: string; secret: string }) {
  const [tool, setTool] = useState<Tool>("curl");
  const [dedup] = useState(() => `first-of-${id}-${crypto.getRandomValues(new Uint32Array(1))[0]}`);
  const { data: overview } = useRoute(readOverview);
  const come = useNewestOf(id);
  const words = wordsFor(tool, overview?.publicUrl ?? location.origin, secret, dedup);
  return (
    <section className="panel first-event" aria-label={t("First event")}>
      <header>
        <h2>{t("The key of {id}", { id })}</h2>
        <span className="grow" />
        <CopyButton text={secret} what={t("key")} />
      </header>
      <div className="act-body">
        <p>
          <span className="mono">{secret}</span>
        </p>
        <p className="t13 q">{t("It is shown this once; only a hash of it is kept.")}</p>
        <Choice
          label={t("Tool")}
          options={TOOLS}
          all={null}
          value={tool}
          set={(next) => setTool((next as Tool | undefined) ?? "curl")}
        />
        <pre>{words}</pre>
        <div className="row">
          <CopyButton text={words} what={t("set-up")} />
          <span role="status">
            {come === undefined ? (
              t("Waiting for the event of the command above.")
            ) : (
              <Came alert={come} />
            )}
          </span>
        </div>
        <ConnectTool id={id} secret={secret} />
      </div>
    </section>
  );
}

/** The newest alert that came by a key, looked for while the page is open. */
function useNewestOf(key: string): Alert | undefined {
  const { data } = useRoute(listAlerts, { query: { key, limit: 1 } }, { refetchInterval: 2_000 });
  return data?.items[0];
}

const Came = ({ alert }: { alert: Alert }) => (
  <>
    {tParts("It came in: {title}", {
      title: (
        <Link to="/alerts/$id" params={{ id: alert.id }}>
          {alert.title}
        </Link>
      ),
    })}
  </>
);

/** A key that is there already: what came by it last, and how each tool is connected to it. */
export function ConnectedKey({ id }: { id: string }) {
  const newest = useNewestOf(id);
  const { data: uses } = useRoute(listKeyUses, {}, { refetchInterval: 2_000 });
  const use = uses?.keys.find(({ key }) => key === id);
  return (
    <section className="panel first-event" aria-label={t("Connect a tool")}>
      <header>
        <h2>{t("Connect a tool")}</h2>
      </header>
      <div className="act-body">
        <p role="status">
          {uses === undefined
            ? null
            : use === undefined
              ? t("Nothing ever came by this key. Waiting for the first event.")
              : tParts("Last heard {time}, from {tool}.", {
                  time: <Time iso={use.lastAt} />,
                  tool: use.tool,
                })}{" "}
          {newest === undefined ? null : <Came alert={newest} />}
        </p>
        <ConnectTool id={id} secret={null} />
      </div>
    </section>
  );
}

/** The set-up of any tool as its adapter tells it, and a button that sends its sample by the key. */
function ConnectTool({ id, secret }: { id: string; secret: string | null }) {
  const me = useMe();
  const { data } = useRoute(listIntakeTools);
  const [chosen, choose] = useState("");
  const send = useSend(sendSample, (queries) => void queries.invalidateQueries());
  const tools = (data?.tools ?? []).filter(({ sample }) => sample !== null);
  const tool = tools.find((each) => each.id === chosen);
  const because = may(me, "config.write", null)
    ? null
    : t("Sending a sample needs the right “config.write”.");
  const withKey = (text: string): string =>
    secret === null ? text : text.replaceAll("{key}", secret);
  return (
    <>
      <div className="field">
        <label htmlFor={`tool-${id}`}>{t("How to set up")}</label>
        <select
          id={`tool-${id}`}
          value={chosen}
          onChange={(event) => {
            choose(event.target.value);
            send.reset();
          }}
        >
          <option value="">{t("Choose a tool")}</option>
          {tools.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      </div>
      {tool === undefined ? null : (
        <>
          <ol lang="en">
            {tool.steps.map((step) => (
              <li key={step}>{withKey(step)}</li>
            ))}
          </ol>
          <div className="row wrap">
            <CopyButton text={withKey(tool.url)} what={t("address")} />
            <a href={tool.docs} rel="noreferrer noopener" target="_blank">
              {t("The tool’s own page")}
            </a>
            <span className="grow" />
            <Button
              small
              look="do"
              because={because}
              onClick={() => send.mutate({ params: { tool: tool.id }, body: { key: id } })}
            >
              {send.isPending ? t("Sending") : t("Send a sample")}
            </Button>
          </div>
          <p className="t12 q">
            {t("It goes the way of a real message and may page; its titles begin with “Sample:”.")}
          </p>
          <RefusedLine error={send.error} />
          {send.data === undefined ? null : <Sent taken={send.data} />}
        </>
      )}
    </>
  );
}

function Sent({ taken }: { taken: Taken }) {
  const { accepted, refused, findings, changes, indicators } = taken;
  return (
    <ul className="t13" role="status" aria-label={t("What became of the sample")}>
      {accepted.map(({ index, alert, dedupKey, what }) => (
        <li key={index}>
          {alert === null ? (
            dedupKey
          ) : (
            <Link to="/alerts/$id" params={{ id: alert }}>
              {dedupKey}
            </Link>
          )}{" "}
          <span className="q">{what}</span>
        </li>
      ))}
      {refused.map(({ index, field, expected }) => (
        <li key={`refused ${index} ${field}`} className="refused">
          {`${field}: ${expected}`}
        </li>
      ))}
      {findings.map(({ index, field, finding }) => (
        <li key={`finding ${index} ${field} ${finding}`} className="q" lang="en">
          {`${field}: ${finding}`}
        </li>
      ))}
      {changes + indicators === 0 ? null : (
        <li>
          {t("{changes} changes and {indicators} indicators were kept.", { changes, indicators })}
        </li>
      )}
    </ul>
  );
}
