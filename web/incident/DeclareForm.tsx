/** Declaring by hand: what it is, how bad, what is hurt. */
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { declareIncident } from "../../contract/incident.ts";
import { SEVERITIES, type Severity } from "../../contract/ids.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useOffers } from "../app/offers.ts";
import { useSend } from "../kit/client.ts";
import { useKeys } from "../kit/keys.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { afterIncident } from "./afterIncident.ts";
import { t, tParts } from "../kit/words.ts";

/** The button, its key and the palette's word for it on one page; `form` where it opens. */
export function useDeclaring() {
  const me = useMe();
  const [isOpen, open] = useState(false);
  const because = may(me, "incidents.respond", "any")
    ? null
    : t("Declaring needs the right “incidents.respond”.");
  const run = (): void => {
    if (because === null) open(true);
  };
  useKeys([{ keys: "D", what: t("Declare an incident"), run }]);
  useOffers([{ words: t("Declare an incident"), because, run }]);
  return {
    button: (
      <Button letter="D" because={because} onClick={run}>
        {t("Declare")}
      </Button>
    ),
    form: isOpen ? <DeclareForm onDone={() => open(false)} /> : null,
  };
}

function DeclareForm({ onDone }: { onDone: () => void }) {
  const names = useNames();
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const [severity, setSeverity] = useState<Severity | null>(null);
  const [service, setService] = useState("");
  const [summary, setSummary] = useState("");
  const [restricted, setRestricted] = useState(false);
  const send = useSend(declareIncident, afterIncident);
  const missing =
    title.trim() === ""
      ? t("It has no title yet.")
      : severity === null
        ? t("No severity is chosen yet.")
        : service === ""
          ? t("No service is chosen yet.")
          : null;
  const submit = (): void => {
    if (missing !== null || severity === null || send.isPending) return;
    const words = summary.trim();
    send.mutate(
      {
        body: {
          title: title.trim(),
          severity,
          services: [service],
          restricted,
          ...(words !== "" && { summary: words }),
        },
      },
      {
        onSuccess: ({ id }) => {
          onDone();
          void navigate({ to: "/incidents/$id", params: { id } });
        },
      },
    );
  };
  return (
    <form
      className="panel act declare"
      aria-label={t("Declare an incident")}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <header>
        <h2>{t("Declare an incident")}</h2>
      </header>
      <div className="act-body">
        <div className="field">
          <label htmlFor="declare-title">{t("What is wrong, as users feel it")}</label>
          <input
            id="declare-title"
            value={title}
            autoFocus
            maxLength={300}
            onChange={(event) => setTitle(event.target.value)}
          />
        </div>
        <fieldset className="field choices">
          <legend>{t("Severity")}</legend>
          {SEVERITIES.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="declare-severity"
                checked={severity === each}
                onChange={() => setSeverity(each)}
              />
              {each}
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor="declare-service">{t("Service")}</label>
          <select
            id="declare-service"
            value={service}
            onChange={(event) => setService(event.target.value)}
          >
            <option value="">{t("Choose a service")}</option>
            {names.directory?.services.map((each) => (
              <option key={each.id} value={each.id}>
                {t("{name}, tier {tier}", { name: each.name, tier: each.tier })}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="declare-summary">
            {tParts("What is known {part}", {
              part: <span className="qq t12">{t("(may be empty)")}</span>,
            })}
          </label>
          <textarea
            id="declare-summary"
            value={summary}
            onChange={(event) => setSummary(event.target.value)}
          />
        </div>
        <label className="choice">
          <input
            type="checkbox"
            checked={restricted}
            onChange={(event) => setRestricted(event.target.checked)}
          />
          {t("Only named people may see it")}
        </label>
        <RefusedLine error={send.error} />
        <div className="row">
          <Button type="submit" look="do" because={missing} onClick={() => undefined}>
            {send.isPending ? t("Sending") : t("Declare and page")}
          </Button>
          <Button onClick={onDone}>{t("Leave")}</Button>
        </div>
      </div>
    </form>
  );
}
