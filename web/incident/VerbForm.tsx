/** One form for every verb. It stands on the page, never over the clock; a refusal stands beside its button. */
import { useEffect, useId, useRef, useState } from "react";
import { type IncidentDetail, listIncidents } from "../../contract/incident.ts";
import { useNames } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Icon } from "../kit/icons.tsx";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { afterIncident } from "./afterIncident.ts";
import { TargetChoice } from "./TargetChoice.tsx";
import { bodyOf, type Field, type Values, type Verb } from "./verbs.ts";
import { said, t, tParts } from "../kit/words.ts";

type FormProps = {
  readonly verb: Verb;
  readonly incident: IncidentDetail;
  readonly start?: Values | undefined;
  readonly onDone: () => void;
};

/** What was typed outlives the form: a refusal, a reload by a colleague's change, a closed card. */
const drafts = new Map<string, Values>();

export function VerbForm({ verb, incident, start, onDone }: FormProps) {
  const draftKey = `${incident.id} ${verb.name}`;
  const [values, setValues] = useState<Values>(
    () => start ?? drafts.get(draftKey) ?? startOf(verb, incident),
  );
  const form = useRef<HTMLFormElement>(null);
  const send = useSend(verb.route, afterIncident);
  useEffect(() => {
    form.current
      ?.querySelector<HTMLElement>(".act-body :is(input, textarea, select, button)")
      ?.focus();
  }, []);
  const set = (name: string, value: Values[string]): void => {
    const next = { ...values, [name]: value };
    drafts.set(draftKey, next);
    setValues(next);
  };
  const missing = missingOf(verb, values);
  const submit = (): void => {
    if (missing !== null || send.isPending) return;
    send.mutate(
      { params: { id: incident.id }, body: bodyOf(verb, values, incident) },
      {
        onSuccess: () => {
          drafts.delete(draftKey);
          onDone();
        },
      },
    );
  };
  return (
    <form
      ref={form}
      className="panel act"
      aria-label={said(verb.label)}
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
        <h2>{said(verb.label)}</h2>
        <span className="grow" />
        <Button
          look="bare"
          small
          onClick={onDone}
          aria-label={t("Leave “{label}”", { label: said(verb.label) })}
        >
          <Icon name="cross" small />
        </Button>
      </header>
      <div className="act-body">
        <p className="t13 q">{said(verb.means)}</p>
        {verb.fields.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            incident={incident}
            set={(value) => set(field.name, value)}
          />
        ))}
        {verb.name === "update" ? <Preview incident={incident} values={values} /> : null}
        <RefusedLine error={send.error} />
        <div className="row">
          <Button type="submit" look="do" because={missing} onClick={() => undefined}>
            {send.isPending ? t("Sending") : said(verb.does ?? verb.label)}
          </Button>
          <span className="hint">{t("Ctrl Enter sends, Esc leaves; what you wrote is kept.")}</span>
        </div>
      </div>
    </form>
  );
}

function startOf(verb: Verb, incident: IncidentDetail): Values {
  if (verb.name === "restrict") return { restricted: incident.restricted, readers: [] };
  if (verb.name === "update") return { text: "", audiences: lastAudiences(incident) };
  if (verb.name === "impact")
    return Object.fromEntries(
      Object.entries(incident.impact).map(([name, value]) => [name, String(value)]),
    );
  if (verb.name === "root-cause")
    return Object.fromEntries(
      Object.entries(incident.rootCause).map(([name, value]) => [name, value ?? ""]),
    );
  return {};
}

const lastAudiences = (incident: IncidentDetail): readonly string[] =>
  incident.statusUpdates.at(-1)?.audiences ?? [];

const isGiven = (value: boolean | readonly string[]): boolean =>
  typeof value === "boolean" ? value : value.length > 0;

function missingOf(verb: Verb, values: Values): string | null {
  const missing = verb.fields.find((field) => {
    if (field.kind === "yes" || field.kind === "audiences") return false;
    if ("optional" in field && field.optional === true) return false;
    const value = values[field.name] ?? "";
    return typeof value === "string" ? value.trim() === "" : !isGiven(value);
  });
  return missing === undefined ? null : t("“{label}” is empty.", { label: said(missing.label) });
}

/** An update as it is read, before it leaves. */
function Preview({ incident, values }: { incident: IncidentDetail; values: Values }) {
  const names = useNames();
  const text = String(values["text"] ?? "").trim();
  const audiences = (values["audiences"] ?? []) as readonly string[];
  return (
    <div className="preview" aria-label={t("As it is read")}>
      <span className="t12 qq">
        {tParts("[{severity}] {id} update, to {list}", {
          severity: incident.severity,
          id: incident.id,
          list:
            audiences.length === 0
              ? t("the audiences of this severity’s policy")
              : audiences.map(names.audience).join(", "),
        })}
      </span>
      <p>{text === "" ? <span className="qq">{t("Nothing written yet.")}</span> : text}</p>
    </div>
  );
}

type RowProps = {
  readonly field: Field;
  readonly value: Values[string];
  readonly incident: IncidentDetail;
  readonly set: (value: Values[string]) => void;
};

function FieldRow({ field, value, incident, set }: RowProps) {
  const id = useId();
  const names = useNames();
  const optional = "optional" in field && field.optional === true;
  const label = (
    <label htmlFor={id}>
      {said(field.label)}
      {optional ? <span className="qq t12"> {t("(may be empty)")}</span> : null}
    </label>
  );
  const hint =
    "hint" in field && field.hint !== undefined ? (
      <span className="hint">{said(field.hint)}</span>
    ) : null;
  switch (field.kind) {
    case "words":
      return (
        <div className="field">
          {label}
          <textarea
            id={id}
            value={String(value)}
            rows={field.lines ?? 3}
            onChange={(event) => set(event.target.value)}
          />
          {hint}
        </div>
      );
    case "line":
    case "number":
    case "instant":
      return (
        <div className="field">
          {label}
          <input
            id={id}
            type={field.kind === "instant" ? "datetime-local" : "text"}
            inputMode={field.kind === "number" ? "decimal" : undefined}
            value={String(value)}
            onChange={(event) => set(event.target.value)}
          />
          {hint}
        </div>
      );
    case "person":
      return field.many === true ? (
        <People id={id} label={said(field.label)} value={value} set={set} />
      ) : (
        <div className="field">
          {label}
          <select id={id} value={String(value)} onChange={(event) => set(event.target.value)}>
            <option value="">{optional ? t("Nobody yet") : t("Choose a person")}</option>
            {names.directory?.people.map((person) => (
              <option key={person.id} value={person.id}>
                {person.name}
              </option>
            ))}
          </select>
        </div>
      );
    case "target":
      return (
        <div className="field">
          {label}
          <TargetChoice id={id} field={field} value={value} set={set} />
        </div>
      );
    case "choice":
      return (
        <fieldset className="field choices">
          <legend>{said(field.label)}</legend>
          {field.options.map((option) => (
            <label key={option} className="choice">
              <input
                type="radio"
                name={id}
                value={option}
                checked={value === option}
                onChange={() => set(option)}
              />
              {said(option)}
            </label>
          ))}
        </fieldset>
      );
    case "audiences": {
      const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
      return (
        <fieldset className="field choices">
          <legend>{said(field.label)}</legend>
          {names.directory?.audiences.map((audience) => (
            <label key={audience.id} className="choice">
              <input
                type="checkbox"
                checked={chosen.includes(audience.id)}
                onChange={(event) =>
                  set(
                    event.target.checked
                      ? [...chosen, audience.id]
                      : chosen.filter((each) => each !== audience.id),
                  )
                }
              />
              {audience.name}
            </label>
          ))}
          <span className="hint">
            {t("With none chosen, those of the severity’s policy hear it.")}
          </span>
        </fieldset>
      );
    }
    case "incident":
      return (
        <div className="field">
          {label}
          <OpenIncidents id={id} value={String(value)} except={incident.id} set={set} />
        </div>
      );
    case "yes":
      return (
        <label className="choice">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => set(event.target.checked)}
          />
          {said(field.label)}
        </label>
      );
  }
}

function People(props: {
  readonly id: string;
  readonly label: string;
  readonly value: Values[string];
  readonly set: (value: readonly string[]) => void;
}) {
  const names = useNames();
  const chosen = Array.isArray(props.value) ? (props.value as readonly string[]) : [];
  return (
    <div className="field">
      <label htmlFor={props.id}>{props.label}</label>
      <select
        id={props.id}
        multiple
        size={6}
        value={[...chosen]}
        onChange={(event) =>
          props.set([...event.target.selectedOptions].map((option) => option.value))
        }
      >
        {names.directory?.people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </select>
    </div>
  );
}

function OpenIncidents(props: {
  readonly id: string;
  readonly value: string;
  readonly except: string;
  readonly set: (value: string) => void;
}) {
  const { data } = useRoute(listIncidents, { query: { state: "open", limit: 100 } });
  return (
    <select id={props.id} value={props.value} onChange={(event) => props.set(event.target.value)}>
      <option value="">{t("Choose an incident")}</option>
      {data?.items
        .filter(({ id }) => id !== props.except)
        .map((each) => (
          <option key={each.id} value={each.id}>
            {each.severity} {each.id} {each.title}
          </option>
        ))}
    </select>
  );
}
