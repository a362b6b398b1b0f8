/** A new key is shown once, with words to paste, and the page waits for what comes in by it. */
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { listAlerts } from "../../contract/alert.ts";
import { readOverview } from "../../contract/overview.ts";
import { Choice } from "../kit/Choice.tsx";
import { useRoute } from "../kit/client.ts";
import { CopyButton } from "../kit/parts.tsx";
import { later, t, tParts } from "../kit/words.ts";

const TOOLS = [
  "curl",
  "Prometheus",
  "Alertmanager",
  "PagerDuty Events",
  later("any tool"),
] as const;
type Tool = (typeof TOOLS)[number];

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
  const { data } = useRoute(
    listAlerts,
    { query: { dedupKey: dedup, limit: 1 } },
    { refetchInterval: 2_000 },
  );
  const come = data?.items[0];
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
              <>
                {tParts("It came in: {title}", {
                  title: (
                    <Link to="/alerts/$id" params={{ id: come.id }}>
                      {come.title}
                    </Link>
                  ),
                })}
              </>
            )}
          </span>
        </div>
      </div>
    </section>
  );
}
